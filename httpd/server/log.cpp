#include "httpd/server/log.h"

#include <string>

namespace iip {

namespace {

struct LevelTraits {
  int httpd_level;
  int verbosity;  // the least IIPVerbosity that shows it
  const char* name;
};

LevelTraits traits(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return {APLOG_ERR, 1, "error"};
    case LogLevel::warning:
      return {APLOG_WARNING, 2, "warning"};
    case LogLevel::notice:
      return {APLOG_NOTICE, 2, "notice"};
    case LogLevel::info:
      return {APLOG_INFO, 3, "info"};
    case LogLevel::debug:
      return {APLOG_DEBUG, 4, "debug"};
    case LogLevel::trace1:
      return {APLOG_TRACE1, 5, "trace1"};
    case LogLevel::trace2:
      return {APLOG_TRACE2, 5, "trace2"};
  }
  return {APLOG_ERR, 1, "error"};
}

apr_status_t open_log(LogFile& log, apr_pool_t* pool) {
  if (log.name[0] != '|') {
    return apr_file_open(&log.file, log.name, APR_FOPEN_WRITE | APR_FOPEN_APPEND | APR_FOPEN_CREATE,
                         APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD, pool);
  }
  piped_log* program = ap_open_piped_log(pool, log.name + 1);
  if (!program) return APR_EGENERAL;
  log.file = ap_piped_log_write_fd(program);
  return APR_SUCCESS;
}

// What a file says may be part of a line. httpd escapes control characters in what it logs, but for
// the NUL, at which it takes the line to end.
std::string loggable(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  for (const char c : line) {
    if (c == '\0') {
      text += "\\x00";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

bool RequestLog::enabled(LogLevel level) const {
  if (server_.log_file) {
    return server_.verbosity.value_or(kUsualVerbosity) >= traits(level).verbosity;
  }
  return APLOG_R_IS_LEVEL(r_, traits(level).httpd_level);
}

void RequestLog::write(LogLevel level, std::string_view line) {
  if (!enabled(level)) return;
  if (server_.log_file) {
    write_to_file(level, line);
  } else {
    ap_log_rerror(APLOG_MARK, traits(level).httpd_level, 0, r_, "IIP: %s", loggable(line).c_str());
  }
}

// One write() a line, so that the lines of many processes do not mix.
void RequestLog::write_to_file(LogLevel level, std::string_view line) {
  if (!server_.log_file->file) return;
  char time[APR_CTIME_LEN];
  apr_ctime(time, r_->request_time);
  const char* text = ap_escape_logitem(r_->pool, loggable(line).c_str());
  const char* entry = apr_psprintf(r_->pool, "[%s] [%s] [client %s] %s\n", time, traits(level).name,
                                   r_->useragent_ip, text);
  apr_size_t length = std::string_view(entry).size();
  apr_file_write(server_.log_file->file, entry, &length);
}

bool ServerLog::enabled(LogLevel level) const {
  return APLOG_IS_LEVEL(server_, traits(level).httpd_level);
}

void ServerLog::write(LogLevel level, std::string_view line) {
  ap_log_error(APLOG_MARK, traits(level).httpd_level, 0, server_, "IIP: %s",
               loggable(line).c_str());
}

int open_log_files(apr_pool_t* pconf, server_rec* servers) {
  for (server_rec* server = servers; server; server = server->next) {
    LogFile* log = server_config(server).log_file;
    if (!log || log->file) continue;
    if (const apr_status_t status = open_log(*log, pconf)) {
      ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, status, server,
                   "IIPLogFile: cannot open '%s'", log->name);
      return HTTP_INTERNAL_SERVER_ERROR;
    }
  }
  return OK;
}

}  // namespace iip
