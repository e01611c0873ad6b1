// matched_event.cpp: hashes of people, counts and categories beside the identity.
#include "daemon/detect/matched_event.h"

namespace tocsin::detect {

void add_event(const Event& event, bool late, bool skewed, v1::MatchedEvent& to) {
  to.set_index(event.index);
  to.set_event_id(std::string(event.id.view()));
  to.set_time(micros_of(event.time));
  to.set_late(late);
  to.set_skewed(skewed);
  for (const Subject& subject : event.subjects) {
    v1::SubjectRef& ref = *to.add_subjects();
    ref.set_ref(std::string(subject.ref.view()));
    ref.set_id_type(subject.id_type);
    ref.set_key_version(subject.key_version);
  }
  to.set_subject_count(event.subject_count);
  to.set_record_count(event.record_count);
  to.set_count_basis(event.count_basis);
  for (const std::string_view category : event.categories) to.add_categories(std::string(category));
}

}  // namespace tocsin::detect
