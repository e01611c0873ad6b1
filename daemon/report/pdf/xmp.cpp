// xmp.cpp: the XMP packet of a report.
#include "daemon/report/pdf/xmp.h"

#include "daemon/base/clock.h"
#include "daemon/report/json.h"

namespace tocsin::report {
namespace {

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char byte : text) {
    if (byte == '&') safe += "&amp;";
    else if (byte == '<') safe += "&lt;";
    else if (byte == '>') safe += "&gt;";
    else safe += byte;
  }
  return safe;
}

std::string property(std::string_view name, std::string_view category, std::string_view type, std::string_view meaning) {
  return fmt::format(
      "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>{}</pdfaProperty:name><pdfaProperty:valueType>{}</pdfaProperty:valueType>"
      "<pdfaProperty:category>{}</pdfaProperty:category><pdfaProperty:description>{}</pdfaProperty:description></rdf:li>\n",
      name, type, category, meaning);
}

std::string schema(std::string_view name, std::string_view uri, std::string_view prefix, const std::string& properties) {
  return fmt::format(
      "<rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>{}</pdfaSchema:schema><pdfaSchema:namespaceURI>{}</pdfaSchema:namespaceURI>"
      "<pdfaSchema:prefix>{}</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>\n{}</rdf:Seq></pdfaSchema:property></rdf:li>\n",
      name, uri, prefix, properties);
}

constexpr const char* kOurs = "urn:tocsin:report:1#";

}  // namespace

std::string xmp_of(const v1::Report& report, const std::string& json_hash) {
  const std::string date = rfc3339(instant_of(report.drawn_up_at().seconds() * 1'000'000));
  std::string own, declared;
  for (const auto& [name, value, meaning] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"DocumentType", "breach-report", "What the document is"},
           {"IncidentId", report.incident_id(), "Incident that is reported"},
           {"JsonHash", json_hash, "SHA-256 of the embedded facts"},
           {"JsonName", kJsonName, "Name of the embedded facts"},
           {"Jurisdiction", report.jurisdiction(), "Code of the jurisdiction"},
           {"Phase", report.phase(), "initial, supplement or final"},
           {"ReportId", report.report_id(), "Identity of the report"}}) {
    own += fmt::format("<tocsin:{}>{}</tocsin:{}>\n", name, escaped(value), name);
    declared += property(name, "external", "Text", meaning);
  }
  const std::string schemas = schema("Tocsin report", kOurs, "tocsin", declared) +
                              schema("PDF/UA identification", "http://www.aiim.org/pdfua/ns/id/", "pdfuaid", property("part", "internal", "Integer", "Part of ISO 14289"));
  return fmt::format(R"(<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:tocsin="{ours}" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:MetadataDate>{date}</xmp:MetadataDate>
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
{own}<pdfaExtension:schemas><rdf:Bag>
{schemas}</rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
)", fmt::arg("bom", "\xEF\xBB\xBF"), fmt::arg("ours", kOurs), fmt::arg("title", escaped(report.title())), fmt::arg("language", report.language()),
                     fmt::arg("date", date), fmt::arg("producer", kProducer), fmt::arg("own", own), fmt::arg("schemas", schemas));
}

}  // namespace tocsin::report
