#include <memory_resource>

#include "engine/base/text.h"
#include "httpd/status/formats.h"

namespace iip {

namespace {

std::string escaped(std::string_view text) {
  return std::string(xml_escape(text, std::pmr::get_default_resource()));
}

// cache_hits -> cache hits
std::string words(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c == '_') c = ' ';
  }
  return text;
}

void append_cell(std::string& html, const char* element, std::string_view text) {
  html.append("<").append(element).append(">").append(text);
  html.append("</").append(element).append(">");
}

void append_row(std::string& html, std::string_view name, const std::vector<Figure>& figures) {
  html += "<tr>";
  append_cell(html, "th", escaped(name));
  for (const Figure& figure : figures) append_cell(html, "td", std::to_string(figure.value));
  html += "</tr>\n";
}

void append_tables(std::string& html, const StatusReport& report) {
  html += "<table border=\"0\">\n";
  for (const Figure& figure : report.host) append_row(html, words(figure.metric.name), {figure});
  for (const MemcachedServerState& server : report.memcached) {
    html += "<tr>";
    append_cell(html, "th", "memcached " + escaped(server.name));
    append_cell(html, "td", server.state);
    html += "</tr>\n";
  }
  html += "</table>\n<table border=\"0\">\n<tr><th>Virtual host</th>";
  for (const Figure& figure : report.totals) append_cell(html, "th", words(figure.metric.name));
  html += "</tr>\n";
  for (const VirtualHostFigures& host : report.virtual_hosts) {
    append_row(html, host.name, host.figures);
  }
  append_row(html, "all", report.totals);
  html += "</table>\n";
}

}  // namespace

std::string status_as_html(const StatusReport& report, bool tables) {
  std::string html = "<hr>\n<h2>IIP</h2>\n";
  if (tables) {
    append_tables(html, report);
  } else {
    html += "<pre>" + escaped(status_as_text(report)) + "</pre>\n";
  }
  return html;
}

}  // namespace iip
