// finish.cpp: catalog, metadata, attachment, structure and identifiers, by qpdf.
#include "daemon/report/pdf/finish.h"

#include "daemon/base/clock.h"
#include "daemon/report/json.h"
#include "daemon/report/pdf/artifacts.h"
#include "daemon/report/pdf/fonts.h"
#include "daemon/report/pdf/qpdf.h"
#include "daemon/report/pdf/xmp.h"

namespace tocsin::report {
namespace {

using Object = QPDFObjectHandle;

std::string pdf_date(const v1::Report& report) {
  std::string date = rfc3339(instant_of(report.drawn_up_at().seconds() * 1'000'000));   // 2026-11-24T02:15:00Z
  std::erase_if(date, [](char byte) { return byte == '-' || byte == ':' || byte == 'T' || byte == 'Z'; });
  return "D:" + date + "Z";
}

Object stream(QPDF& pdf, const std::string& bytes) { return Object::newStream(&pdf, bytes); }

void set_catalog(QPDF& pdf, const v1::Report& report, const std::string& xmp, const std::string& profile) {
  Object root = pdf.getRoot();
  Object icc = stream(pdf, profile);
  icc.getDict().replaceKey("/N", Object::newInteger(3));
  Object intent = Object::parse("<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB) >>");
  intent.replaceKey("/DestOutputProfile", pdf.makeIndirectObject(icc));
  Object intents = Object::newArray();
  intents.appendItem(pdf.makeIndirectObject(intent));
  root.replaceKey("/OutputIntents", intents);
  Object metadata = stream(pdf, xmp);
  metadata.getDict().replaceKey("/Type", Object::newName("/Metadata"));
  metadata.getDict().replaceKey("/Subtype", Object::newName("/XML"));
  root.replaceKey("/Metadata", pdf.makeIndirectObject(metadata));
  root.replaceKey("/Lang", Object::newString(report.language()));
  root.replaceKey("/MarkInfo", Object::parse("<< /Marked true >>"));
  root.replaceKey("/ViewerPreferences", Object::parse("<< /DisplayDocTitle true >>"));
  Object document = Object::newDictionary();   // Must say the same as the XMP.
  document.replaceKey("/Title", Object::newUnicodeString(report.title()));
  document.replaceKey("/Creator", Object::newString(kProducer));
  document.replaceKey("/Producer", Object::newString(kProducer));
  document.replaceKey("/CreationDate", Object::newString(pdf_date(report)));
  document.replaceKey("/ModDate", Object::newString(pdf_date(report)));
  pdf.getTrailer().replaceKey("/Info", pdf.makeIndirectObject(document));
}

void attach(QPDF& pdf, const v1::Report& report, const std::string& json) {
  auto file = QPDFEFStreamObjectHelper::createEFStream(pdf, json);
  file.setSubtype("application/json");
  file.setCreationDate(pdf_date(report));
  file.setModDate(pdf_date(report));
  auto spec = QPDFFileSpecObjectHelper::createFileSpec(pdf, kJsonName, file);
  spec.setDescription("The facts of this report");
  spec.getObjectHandle().replaceKey("/AFRelationship", Object::newName("/Source"));   // The pages are made from it.
  QPDFEmbeddedFileDocumentHelper(pdf).replaceEmbeddedFile(kJsonName, spec);
  Object associated = Object::newArray();
  associated.appendItem(spec.getObjectHandle());
  pdf.getRoot().replaceKey("/AF", associated);
}

/// cairo leaves CIDToGIDMap out, which PDF/A demands.
void complete_fonts(QPDF& pdf) {
  for (Object& object : pdf.getAllObjects())
    if (object.isDictionary() && object.getKey("/Subtype").isName() && object.getKey("/Subtype").getName() == "/CIDFontType2" && !object.hasKey("/CIDToGIDMap"))
      object.replaceKey("/CIDToGIDMap", Object::newName("/Identity"));
}

/// Walks the structure tree in step with the tags as they were drawn. False where they part.
bool complete_structure(Object node, const std::vector<Tag>& tags, std::size_t& next) {
  if (node.isArray()) {
    for (int i = 0; i < node.getArrayNItems(); ++i)
      if (!complete_structure(node.getArrayItem(i), tags, next)) return false;
    return true;
  }
  if (!node.isDictionary() || !node.hasKey("/S")) return true;   // A piece of content.
  if (next >= tags.size() || node.getKey("/S").getName() != "/" + tags[next].type) return false;
  const Tag& tag = tags[next++];
  node.replaceKey("/Type", Object::newName("/StructElem"));
  if (!tag.scope.empty()) node.replaceKey("/A", Object::parse("<< /O /Table /Scope /" + tag.scope + " >>"));
  return !node.hasKey("/K") || complete_structure(node.getKey("/K"), tags, next);
}

void mark_pages(QPDF& pdf) {
  for (auto& page : QPDFPageDocumentHelper(pdf).getAllPages()) {
    Object object = page.getObjectHandle();
    object.replaceKey("/Contents", pdf.makeIndirectObject(stream(pdf, with_artifacts(object))));
    object.replaceKey("/Tabs", Object::newName("/S"));
  }
}

std::string written(QPDF& pdf) {
  QPDFWriter writer(pdf);
  writer.setOutputMemory();
  writer.setMinimumPDFVersion("1.7");
  writer.setDeterministicID(true);
  writer.setObjectStreamMode(qpdf_o_disable);
  writer.setNewlineBeforeEndstream(true);
  writer.write();
  const auto buffer = writer.getBufferSharedPointer();
  return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

}  // namespace

Result<std::string> finish(const Drawing& drawing, const v1::Report& report, const std::string& json, const std::string& json_hash) {
  TOCSIN_ASSIGN(const std::string profile, load_icc_profile());
  try {
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    pdf.processMemoryFile("report", drawing.pdf.data(), drawing.pdf.size());
    set_catalog(pdf, report, xmp_of(report, json_hash), profile);
    attach(pdf, report, json);
    complete_fonts(pdf);
    std::size_t next = 0;
    if (!complete_structure(pdf.getRoot().getKey("/StructTreeRoot").getKey("/K"), drawing.tags, next) || next != drawing.tags.size())
      return unavailable(fmt::format("the PDF's structure is not the one that was drawn (at tag {} of {})", next, drawing.tags.size()));
    mark_pages(pdf);
    return written(pdf);
  } catch (const std::exception& fault) {   // qpdf reports by exception.
    return unavailable(fmt::format("finishing the PDF: {}", fault.what()));
  }
}

}  // namespace tocsin::report
