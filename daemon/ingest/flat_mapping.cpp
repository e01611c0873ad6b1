// flat_mapping.cpp: as a mapping file would say it.
#include "daemon/ingest/flat_mapping.h"

namespace tocsin::ingest {

v1::Mapping flat_mapping() {
  v1::Mapping mapping;
  mapping.set_name("flat");
  mapping.set_description("Any JSON object: its keys are the fields.");
  mapping.set_format("json");
  v1::TimeRule& time = *mapping.mutable_time();
  for (const char* path : {"@timestamp", "timestamp", "time", "eventTime", "EventTime", "event_time", "UtcTime", "TimeCreated", "SystemTime"}) time.add_from(path);
  time.set_unit("any");
  time.set_zone("Z");
  time.set_optional(true);
  v1::LogSourceRule& log_source = *mapping.mutable_log_source();
  log_source.set_product_from("product");
  log_source.set_category_from("category");
  log_source.set_service_from("service");
  return mapping;
}

}  // namespace tocsin::ingest
