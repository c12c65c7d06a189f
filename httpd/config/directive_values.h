// What the table of directives is made of: the kinds of values, and where a value goes.
//
// Each kind is a small constant object with
//
//   member   of the DirConfig or ServerConfig that the value is kept in. What is not set there
//            converts to false.
//   place    what becomes of it: a member (or a function that gives a reference) of the engine's
//            Settings or ServiceLimits, whose own value holds where nothing is set; or Usual, the
//            value that holds then, for what the adaptor reads itself.
//   set()    checks one text and stores its value; nullptr, or the message that stops httpd.
//   syntax() and range(), the values that are legal, and usual(), what holds where nothing is set,
//            all in the words of docs/directives.md.
//
// The functions at the end do with a value what httpd asks for: inherit what an outer section says,
// and fill what the engine reads. They
// write only to what they are given: any thread may call them for an object of its own.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "httpd/apr/apache.h"
#include "httpd/config/complain.h"
#include "httpd/config/config.h"
#include "httpd/config/tenant_budget.h"
#include "httpd/config/values.h"

namespace iip {

inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;

// What holds where nothing is set, for values that the adaptor reads itself.
template <class T>
struct Usual {
  T value;
};
template <class T>
Usual(T) -> Usual<T>;

// ---- What holds where nothing is set ----

template <class T>
constexpr T usual_value(const Usual<T>& usual) {
  return usual.value;
}
template <class Place>
auto usual_value(const Place& place) {
  if constexpr (std::is_invocable_v<const Place&, Settings&>) {
    Settings settings;
    return std::invoke(place, settings);
  } else {
    ServiceLimits limits;
    return std::invoke(place, limits);
  }
}

template <class T>
const T& set_value(const T& value) {
  return value;
}
template <class T>
T set_value(const std::optional<T>& value) {
  return value.value_or(T{});
}

inline std::string or_none(std::string_view text) {
  return std::string(text.empty() ? "none" : text);
}

// ---- The kinds of values ----

template <class Config, class Stored, class Place_>
struct Value {
  using Owner = Config;
  using Place = Place_;
  Stored Config::*member;
  Place place;
};

// On or Off.
template <class Config, class Place>
struct Flag : Value<Config, std::optional<bool>, Place> {
  const char* set(cmd_parms* cmd, Config& config, const char* value) const {
    const auto on = read_switch(value);
    if (!on) return complain(cmd, value, "On or Off");
    config.*this->member = on;
    return nullptr;
  }
  std::string syntax() const { return "On | Off"; }
  std::string range() const { return ""; }
  std::string usual() const { return usual_value(this->place) ? "On" : "Off"; }
};

// The legal values of an integer.
struct Range {
  std::int64_t least;
  std::int64_t most;
  const char* word = nullptr;  // for the value, where the syntax does not name the range
  std::int64_t unit = 1;       // what is kept is so many times the value
  bool is_liftable = false;    // -1 stands for `most`
};

template <class Config, class T, class Place>
struct Integer : Value<Config, std::optional<T>, Place> {
  Range legal;

  const char* set(cmd_parms* cmd, Config& config, const char* value) const {
    const auto number = read_integer(value);
    const bool is_in_range = number && *number >= legal.least && *number <= legal.most;
    const bool is_lifted = legal.is_liftable && number && *number == -1;
    if (!is_in_range && !is_lifted) return complain(cmd, value, legal_values(cmd));
    config.*this->member = static_cast<T>((is_lifted ? legal.most : *number) * legal.unit);
    return nullptr;
  }
  std::string syntax() const {
    const std::string dots = legal.most - legal.least == 1 ? " | " : "..";
    std::string text = legal.word != nullptr
                           ? legal.word
                           : std::to_string(legal.least) + dots + std::to_string(legal.most);
    return legal.is_liftable ? text + " | -1" : text;
  }
  std::string range() const {
    if (legal.most == kNoLimit) {
      return legal.least == 0 ? "" : "at least " + std::to_string(legal.least);
    }
    return "from " + std::to_string(legal.least) + " to " + std::to_string(legal.most);
  }
  std::string usual() const {
    return std::to_string(static_cast<std::int64_t>(set_value(usual_value(this->place))) /
                          legal.unit);
  }

 private:
  const char* legal_values(cmd_parms* cmd) const {
    if (legal.most == kNoLimit && !legal.is_liftable) {
      return apr_psprintf(cmd->pool, "an integer of at least %" APR_INT64_T_FMT, legal.least);
    }
    return apr_psprintf(cmd->pool, "an integer from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT "%s",
                        legal.least, legal.most, legal.is_liftable ? ", or -1 for no limit" : "");
  }
};

// A number from 0 to 1.
template <class Config, class Place>
struct Fraction : Value<Config, std::optional<double>, Place> {
  const char* set(cmd_parms* cmd, Config& config, const char* value) const {
    const auto number = read_number(value);
    if (!number || !(*number >= 0 && *number <= 1)) {
      return complain(cmd, value, "a number from 0 to 1");
    }
    config.*this->member = number;
    return nullptr;
  }
  std::string syntax() const { return "0..1"; }
  std::string range() const { return ""; }
  std::string usual() const {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.begin(), text.end(), usual_value(this->place)).ptr;
    return {text.begin(), end};
  }
};

template <class T>
struct Named {
  const char* name;
  T value;
};

// One of some names, in any case of letters.
template <class Config, class T, std::size_t N, class Place>
struct Choice : Value<Config, std::optional<T>, Place> {
  std::array<Named<T>, N> names;
  bool is_numbered;  // the numbers from 0 on stand for the names too, as they do in iipsrv

  const char* set(cmd_parms* cmd, Config& config, const char* value) const {
    for (std::size_t i = 0; i < N; ++i) {
      const bool is_number = is_numbered && value == std::to_string(i);
      if (!is_number && !equal_ignoring_case(names[i].name, value)) continue;
      config.*this->member = names[i].value;
      return nullptr;
    }
    const std::string legal = N == 2 ? joined(" or ") : "one of " + joined(", ");
    return complain(cmd, value, apr_pstrdup(cmd->pool, legal.c_str()));
  }
  std::string syntax() const { return joined(" | "); }
  std::string range() const { return ""; }
  std::string usual() const {
    for (const Named<T>& named : names) {
      if (named.value == usual_value(this->place)) return named.name;
    }
    return "";
  }

 private:
  std::string joined(const char* between) const {
    std::string text = names[0].name;
    for (std::size_t i = 1; i < N; ++i) text.append(between).append(names[i].name);
    return text;
  }
};

// Text that ends up in headers, documents or log lines, or `none`, which is kept as "".
template <class Config, class Place>
struct Text : Value<Config, const char*, Place> {
  std::size_t longest;  // in bytes

  const char* set(cmd_parms* cmd, Config& config, const char* value) const {
    if (const char* too_long = complain_if_longer(cmd, value, longest)) return too_long;
    if (!is_plain_text(value)) return complain(cmd, value, "text without control characters");
    config.*this->member = unless_none(value);
    return nullptr;
  }
  std::string syntax() const { return "TEXT | none"; }
  std::string range() const { return "at most " + std::to_string(longest) + " bytes"; }
  std::string usual() const { return or_none(usual_value(this->place)); }
};

// What has a setter of its own, see setters.h.
template <class Config, class Stored, class Setter, class Place>
struct Own : Value<Config, Stored, Place> {
  Setter setter;
  const char* legal;    // in the words of the documentation
  std::size_t longest;  // in bytes; 0: of any length

  template <class... Texts>
  const char* set(cmd_parms* cmd, Config& config, Texts... texts) const {
    return setter(cmd, config, texts...);
  }
  std::string syntax() const { return legal; }
  std::string range() const {
    return longest == 0 ? "" : "at most " + std::to_string(longest) + " bytes";
  }
  std::string usual() const {
    if constexpr (std::is_same_v<Place, Usual<const char*>>) {
      return or_none(this->place.value);
    } else {
      return "none";
    }
  }
};

// A limit of the operator's: in the configuration of the server it is like any other value; in a
// .htaccess it only narrows what that allows, whatever the order of the sections. `narrower` is the
// one of two limits that allows less.
template <class Base, class T>
struct Narrowed : Base {
  std::optional<T> TenantLimits::*limit;
  T (*narrower)(T outer, T inner);

  const char* set(cmd_parms* cmd, DirConfig& config, const char* value) const {
    if (!is_in_htaccess(cmd)) return Base::set(cmd, config, value);
    DirConfig said;
    if (const char* wrong = Base::set(cmd, said, value)) return wrong;
    narrow(config.tenant, said.*this->member);
    return nullptr;
  }
  // `inner` comes on top.
  void narrow(TenantLimits& limits, const std::optional<T>& inner) const {
    std::optional<T>& outer = limits.*limit;
    if (inner) outer = outer ? narrower(*outer, *inner) : *inner;
  }
};

// ---- How the table names them ----

template <class Config, class Place>
constexpr Flag<Config, Place> flag(std::optional<bool> Config::*member, Place place) {
  return {{member, place}};
}
template <class Config, class T, class Place>
constexpr Integer<Config, T, Place> integer(std::optional<T> Config::*member, Range legal,
                                            Place place) {
  return {{member, place}, legal};
}
template <class Config, class Place>
constexpr Fraction<Config, Place> fraction(std::optional<double> Config::*member, Place place) {
  return {{member, place}};
}
template <class Config, class T, std::size_t N, class Place>
constexpr Choice<Config, T, N, Place> choice(std::optional<T> Config::*member,
                                             const std::array<Named<T>, N>& names, Place place,
                                             bool is_numbered = false) {
  return {{member, place}, names, is_numbered};
}
template <class Config, class Place>
constexpr Text<Config, Place> text(const char* Config::*member, std::size_t longest, Place place) {
  return {{member, place}, longest};
}
template <class Config, class Stored, class Setter, class Place>
constexpr Own<Config, Stored, Setter, Place> own(Stored Config::*member, Setter setter,
                                                 const char* syntax, Place place,
                                                 std::size_t longest = 0) {
  return {{member, place}, setter, syntax, longest};
}
template <class Base, class T>
constexpr Narrowed<Base, T> narrowed(Base value, std::optional<T> TenantLimits::*limit,
                                     T (*narrower)(T, T)) {
  return {value, limit, narrower};
}

// ---- What is done with them ----

template <class T>
void assign(T& setting, const std::optional<T>& configured) {
  setting = *configured;
}
template <class T>
void assign(std::optional<T>& setting, const std::optional<T>& configured) {
  setting = configured;
}
inline void assign(std::string_view& setting, const char* configured) { setting = configured; }
inline void assign(Watermarking& setting, const WatermarkChoice* configured) {
  if (configured->file == nullptr) return;
  setting.mark = &configured->file->mark;
  setting.version = configured->file->version;
}

// What `config` does not say it takes from `outer`, the section around it or the main server.
template <class V, class Config>
void inherit(const V& value, Config& config, const Config& outer) {
  if constexpr (std::is_same_v<typename V::Owner, Config>) {
    if (!(config.*value.member)) config.*value.member = outer.*value.member;
    if constexpr (requires { value.limit; }) {
      TenantLimits limits = outer.tenant;
      value.narrow(limits, config.tenant.*value.limit);
      config.tenant.*value.limit = limits.*value.limit;
    }
  }
}

// `target` is a Settings or ServiceLimits.
template <class V, class Config, class Target>
void fill(const V& value, Target& target, const Config& config) {
  using Place = typename V::Place;
  if constexpr (std::is_same_v<typename V::Owner, Config> &&
                std::is_invocable_v<const Place&, Target&>) {
    auto& setting = std::invoke(value.place, target);
    if (config.*value.member) assign(setting, config.*value.member);
    if constexpr (requires { value.limit; }) {
      const auto& limit = config.tenant.*value.limit;
      if (limit) setting = value.narrower(setting, *limit);
    }
  }
}

}  // namespace iip
