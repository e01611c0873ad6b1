// limits.h: every bound of the system, named, with its reason. Each is hit in a test.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// ── events ──
inline constexpr std::size_t kEventBytesMax = 1U << 20U;    ///< Kafka's own default message limit; larger goes to the dead letters.
inline constexpr std::size_t kEventDepthMax = 64;           ///< Deeper JSON serves only to exhaust a stack.
inline constexpr std::size_t kEventKeysMax = 100'000;       ///< A document with more keys is an attack, not an event.
inline constexpr std::size_t kKeyShapesMax = 4'096;         ///< Orders of keys that a decoder remembers, 48 bytes each: a source has some hundreds.
inline constexpr std::size_t kExplodedEventsMax = 10'000;   ///< One record may carry this many events (CloudTrail files hold hundreds).
inline constexpr std::size_t kSubjectsPerEventMax = 10'000; ///< More subjects must come as a count.
inline constexpr std::size_t kKafkaAheadBytes = 256U << 20U; ///< Fetched ahead of us per topic; librdkafka's own bound is per partition: 64 of them took 2 GB.
inline constexpr std::size_t kKafkaAheadPartitionBytes = 32U << 20U;  ///< More than a second of a busy partition: a full queue rests for a second.

// ── rules and configuration ──
inline constexpr std::size_t kYamlBytesMax = 10U << 20U;    ///< The largest honest rule pack file is far below.
inline constexpr std::size_t kYamlDepthMax = 64;            ///< Nested lists in Sigma are at most a handful deep.
inline constexpr std::size_t kYamlNodesMax = 200'000;       ///< Of one document. Alias bombs expand to billions of nodes.
inline constexpr std::size_t kYamlFileNodesMax = 1'000'000; ///< Of all documents of a file: some 100 MB of memory.
inline constexpr std::size_t kYamlDocumentsMax = 10'000;    ///< Of one file: a pack of that many rules still loads from one.
inline constexpr std::size_t kYamlFaultsMax = 50;           ///< Faults shown of one file; a person mends these first.
inline constexpr std::size_t kSecretBytesMax = 64U << 10U;  ///< A `<secret>_file`: a key is never this long.
inline constexpr std::size_t kConditionDepthMax = 64;       ///< Parentheses of a Sigma condition.
inline constexpr std::size_t kConditionBytesMax = 256U << 10U;  ///< Of its text; it is cut into words before they are read.
inline constexpr std::size_t kConditionPartsMax = 50'000;   ///< Of one rule: every `1 of x*` is held against all selections.
inline constexpr std::size_t kFileConditionPartsMax = 1'000'000;  ///< Of all rules of one file, some 50 bytes each.
inline constexpr std::size_t kRuleSelectionsMax = 1'000;    ///< Names are looked up one by one; SigmaHQ has some twenty at most.
inline constexpr std::size_t kPatternBytesMax = 16U << 10U; ///< One literal or regular expression.
inline constexpr std::size_t kRulePatternsMax = 100'000;    ///< Ways in which the values of one rule may be met: `windash` and `expand` multiply. The longest list of SigmaHQ has 4,432.
inline constexpr std::size_t kRulePatternBytesMax = 8U << 20U;  ///< The text of all of them, at every step of their making.
inline constexpr std::size_t kDashedTextsMax = 3'125;       ///< Of one value with `windash`: five dashes, each in its five ways.
inline constexpr std::size_t kFieldModifiersMax = 16;       ///< Behind one field: each works on all its values. Four are many.
inline constexpr std::size_t kFilePatternsMax = 1'000'000;  ///< Of all rules of one file: many documents must not multiply what one may.
inline constexpr std::size_t kFilePatternBytesMax = 64U << 20U; ///< All of SigmaHQ in one file takes a twentieth.
inline constexpr std::int64_t kRegexMemoryBytes = 2 << 20;  ///< RE2's budget of one expression: `a{1000}{1000}` is refused by it.
inline constexpr std::size_t kRuleRegexStepsMax = 500'000;  ///< Instructions of all expressions of one rule, some 16 bytes each.
inline constexpr std::size_t kFileRegexStepsMax = 2'000'000;  ///< Of all rules of one file; compiling them takes seconds.
inline constexpr std::size_t kCorrelationRulesMax = 64;     ///< Rules of one correlation: which of them are there is one machine word.
inline constexpr std::size_t kCorrelationFieldsMax = 64;    ///< In each list of fields by which a rule groups, counts or shows: all are looked up at every match.
inline constexpr std::size_t kExpressionTriesMax = 1U << 22U;  ///< Steps to find out whether a correlation's condition can hold; beyond, nobody is warned.
inline constexpr std::size_t kFilterBytesMax = 128U << 20U; ///< Of all filters, copied into all rules that they narrow.
inline constexpr std::size_t kNamesComparedMax = 200'000;   ///< To say "did you mean": of all rules of a set. The distance of two ids takes some 1,300 steps.
inline constexpr std::size_t kCollectionBytesMax = 64U << 20U;  ///< Text that `action: global` and `repeat` copy within one file.
inline constexpr int kChainDepthMax = 10;                   ///< Correlations on top of correlations; people think in two or three.
inline constexpr std::chrono::hours kTimespanMax{24 * 3653};  ///< Ten years: longer than any event is kept, and far from overflow.

// ── detection ──
inline constexpr std::size_t kLogSourcesKept = 4'096;       ///< Routes remembered per thread; SigmaHQ knows 138 log sources.
inline constexpr std::uint32_t kShards = 64;                ///< Fixed for ever: a group key's shard is part of the log.
inline constexpr std::size_t kWindowKeysMax = 10'000'000;   ///< Groups of one correlation: 1 GB. A flood of actors then ends the stalest, counted.
inline constexpr std::size_t kWindowEntriesMax = 50'000'000; ///< Events of one correlation over all groups: another 1 GB at most.
inline constexpr std::size_t kEvidenceEventsMax = 20;       ///< An alert shows this many events; the affected set is exact beside it.
inline constexpr std::size_t kFrameBytesMax = 16U << 20U;   ///< One match-log frame: one record with all its events.
inline constexpr std::size_t kGroupEntriesMax = 1'000'000;  ///< Matches of one group of a correlation, and values in its window: beyond, its oldest go, counted and said.
inline constexpr std::size_t kRuleEntriesMax = 20'000'000;  ///< Over all groups of a correlation, with what they learn: a flood of keys must not exhaust the memory of all rules.
inline constexpr std::size_t kFirstSeenValuesMax = 100'000; ///< Values that first_seen remembers of one entity.
inline constexpr std::size_t kBaselineMeasuresMax = 10'080; ///< Of one entity; of a peer group the newest: a week of minutes.
inline constexpr std::chrono::hours kStragglerReach{24 * 7};  ///< An event further behind the watermark counts nowhere: ids of alerts are remembered as long.
inline constexpr std::size_t kSegmentBytes = 64U << 20U;    ///< A match-log segment file.
inline constexpr std::size_t kBatchRecordsMax = 20'000;     ///< Records between two fsyncs.
inline constexpr std::chrono::milliseconds kBatchWait{20};  ///< Longest time a record waits for its fsync.

// ── response ──
inline constexpr int kDeliveryAttemptsMax = 12;             ///< About six hours of back-off, then a person must look.
inline constexpr std::size_t kProviderAnswerBytesMax = 64U << 10U;  ///< Of a provider's answer we read this much: a reference and an error word.
inline constexpr std::chrono::hours kRetryAfterMax{24};     ///< A provider may not put a legal notice off for longer.
inline constexpr std::size_t kNoticeBytesMax = 1U << 20U;   ///< A rendered message.
inline constexpr std::chrono::seconds kClaimLease{60};      ///< A courier that has not finished by then has died.

// ── the process ──
inline constexpr std::chrono::milliseconds kStopWithin{9'000};  ///< From SIGTERM to the end; service managers kill after ten seconds.

}  // namespace tocsin::limits
