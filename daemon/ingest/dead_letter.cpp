// dead_letter.cpp: the table of reasons.
#include "daemon/ingest/dead_letter.h"

namespace tocsin::ingest {
namespace {

constexpr DeadLetterReason kReasons[] = {
    {"bad_subject", "a person's identifier is empty or not UTF-8"},
    {"bad_time", "the event's time cannot be read, or has no zone and the mapping gives none"},
    {"duplicate_key", "an object names one key twice: two readers would see two events"},
    {"empty", "the record has a value of no bytes"},
    {"lone_surrogate", "a text holds half of a surrogate pair, which is no character"},
    {"no_mapping", "no mapping of the source matches the document"},
    {"no_time", "the event does not say when it happened"},
    {"not_json", "the value is not JSON"},
    {"not_object", "the document, or an element of the exploded array, is no object"},
    {"not_protobuf", "the value is not the protobuf message of the mapping"},
    {"not_utf8", "the value is not UTF-8"},
    {"tombstone", "the record has no value (a null, as compacted topics write to delete)"},
    {"too_deep", "objects and arrays are nested beyond the limit"},
    {"too_large", "the value has more bytes than the limit"},
    {"too_many_events", "one record holds more events than the limit"},
    {"too_many_keys", "the document has more keys than the limit"},
    {"too_many_matches", "the matches of one record are over the limit of one log frame"},
    {"too_many_subjects", "the event names more people than the limit; more must come as a count"},
    {"truncated", "the JSON ends too early"},
    {"two_documents", "more text follows the JSON document"},
    {"wrong_type", "a field has another type than the mapping demands"},
};

}  // namespace

std::span<const DeadLetterReason> dead_letter_reasons() { return kReasons; }

}  // namespace tocsin::ingest
