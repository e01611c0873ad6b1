// log.cpp: the only file that knows spdlog. Lines are put together here, since spdlog's own JSON patterns do not escape.
#include "daemon/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>

#include "daemon/base/json.h"

namespace tocsin {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

class CallingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CallingSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override { take_({line.payload.data(), line.payload.size()}); }
  void flush_() override {}
  std::function<void(std::string_view)> take_;
};

std::shared_ptr<spdlog::sinks::sink> sink_of(const LogSettings& settings) {
  if (!settings.instead) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<CallingSink>(settings.instead);
}

/// A value that holds blanks or quotes is quoted, so that a line splits in one way only.
std::string text_value(const LogPair& pair) {
  const bool plain = !pair.value.empty() && pair.value.find_first_of(" \"=\\\n\t\r") == std::string::npos;
  std::string escaped = json_escaped(pair.value);
  return plain && escaped == pair.value ? escaped : fmt::format("\"{}\"", escaped);
}

}  // namespace

Result<LogLevel> log_level_of(std::string_view word) {
  for (std::size_t i = 0; i < std::size(kLevels); ++i) {
    if (kLevels[i] == word) return static_cast<LogLevel>(i);
  }
  return bad_input(fmt::format("`{}` is no log level; use debug, info, warn or error", word));
}

Log::Log(const Clock& clock, LogSettings settings)
    : clock_(clock), json_(settings.json), logger_(std::make_unique<spdlog::logger>("tocsin", sink_of(settings))) {
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  logger_->set_level(spdlog_level(settings.level));
  logger_->flush_on(spdlog::level::trace);
}

Log::~Log() = default;

void Log::say(LogLevel level, std::string_view message, Pairs pairs) {
  if (!logger_->should_log(spdlog_level(level))) return;
  const std::string_view word = kLevels[static_cast<std::size_t>(level)];
  const std::string now = rfc3339(clock_.now());
  std::string line;
  if (json_) {
    line = fmt::format(R"({{"time":"{}","level":"{}","message":"{}")", now, word, json_escaped(message));
    for (const LogPair& pair : pairs) {
      const char* quote = pair.is_text ? "\"" : "";
      line += fmt::format(R"(,"{}":{}{}{})", pair.key, quote, json_escaped(pair.value), quote);
    }
    line += "}";
  } else {
    line = fmt::format("{} {:5} {}", now, word, json_escaped(message));
    for (const LogPair& pair : pairs) line += fmt::format(" {}={}", pair.key, text_value(pair));
  }
  logger_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tocsin
