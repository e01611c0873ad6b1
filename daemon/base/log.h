// log.h: what the daemon says about itself: one line a happening, as text or JSON, on stderr.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"

namespace spdlog {
class logger;
}

namespace tocsin {

/// One fact beside the sentence. Keys are our own words; values are escaped. A Secret or Pii does not convert.
struct LogPair {
  LogPair(std::string_view k, std::string_view text) : key(k), value(text), is_text(true) {}
  LogPair(std::string_view k, const std::string& text) : LogPair(k, std::string_view(text)) {}
  LogPair(std::string_view k, const char* text) : LogPair(k, std::string_view(text)) {}
  LogPair(std::string_view k, bool flag) : key(k), value(flag ? "true" : "false") {}
  template <std::integral Number>
  LogPair(std::string_view k, Number number) : key(k), value(std::to_string(number)) {}

  std::string_view key;
  std::string value;
  bool is_text = false;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };
Result<LogLevel> log_level_of(std::string_view word);

struct LogSettings {
  LogLevel level = LogLevel::info;
  bool json = false;
  std::function<void(std::string_view line)> instead;   ///< Takes the lines instead of stderr.
};

/// Any thread. A line is written in one piece and flushed. Text lines: `2026-11-24T02:15:00Z info  joined topic=access n=3`;
/// JSON lines: {"time":…,"level":…,"message":…, pairs}.
class Log {
 public:
  using Pairs = std::initializer_list<LogPair>;

  Log(const Clock& clock, LogSettings settings);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view message, Pairs pairs = {}) { say(LogLevel::debug, message, pairs); }
  void info(std::string_view message, Pairs pairs = {}) { say(LogLevel::info, message, pairs); }
  void warn(std::string_view message, Pairs pairs = {}) { say(LogLevel::warn, message, pairs); }
  void error(std::string_view message, Pairs pairs = {}) { say(LogLevel::error, message, pairs); }
  void say(LogLevel level, std::string_view message, Pairs pairs);

 private:
  const Clock& clock_;
  bool json_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace tocsin
