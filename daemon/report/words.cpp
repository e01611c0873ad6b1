// words.cpp: the phrase book of the regulator report, sorted by key.
#include "daemon/report/words.h"

namespace tocsin::report {
namespace {

struct Row {
  std::string_view key, en, zh;
};

constexpr Row kRows[] = {
    {"addressee.authority", "authority", "主管部门"},
    {"addressee.controller", "controller", "控制者"},
    {"addressee.guardian", "guardians", "监护人"},
    {"addressee.individual", "people concerned", "受影响的个人"},
    {"addressee.police", "police", "公安机关、国家安全机关"},
    {"addressee.public", "public", "公众"},
    {"addressee.regulator", "supervisory authority", "监管部门"},
    {"addressee.sector_regulator", "sector authority", "行业主管部门"},
    {"category.behaviour", "usage and consumption records", "使用和消费记录"},
    {"category.biometric", "biometric data", "生物识别信息"},
    {"category.communication", "communications", "通信记录和内容"},
    {"category.contact", "contact details", "联系方式"},
    {"category.credentials", "credentials", "账号登录信息"},
    {"category.education", "education", "教育信息"},
    {"category.employment", "employment", "工作信息"},
    {"category.financial", "financial data", "财产信息"},
    {"category.general", "other personal data", "其他个人信息"},
    {"category.health", "health data", "健康生理信息"},
    {"category.identity", "identity documents", "身份证件信息"},
    {"category.location", "location data", "位置和行踪轨迹信息"},
    {"category.minor", "data of minors", "未成年人个人信息"},
    {"category.payment", "payment data", "支付信息"},
    {"category.personal", "basic personal data", "个人基本资料"},
    {"category.sensitive", "sensitive personal data", "敏感个人信息"},
    {"certainty.estimated", "Estimated", "估计"},
    {"certainty.known", "Known", "已知"},
    {"certainty.not_applicable", "Not applicable", "不适用"},
    {"certainty.unknown_yet", "Not yet known", "尚不明确"},
    {"clock.aware", "organisation became aware", "发现或获知"},
    {"clock.contained", "access was stopped", "事件得到控制"},
    {"clock.detected", "monitoring found it", "监测发现"},
    {"clock.handling_closed", "handling was finished", "处置结束"},
    {"clock.occurred", "incident happened", "事件发生"},
    {"column.basis", "Basis", "依据"},
    {"column.certainty", "State", "状态"},
    {"column.clock", "Runs from", "起算"},
    {"column.content", "Content", "内容"},
    {"column.due", "Due", "截止时间"},
    {"column.duty", "Duty and basis", "义务与依据"},
    {"column.item", "Item", "项目"},
    {"column.limit", "Time limit", "期限"},
    {"confidence.DR", "our own reading", "本系统理解"},
    {"confidence.FM", "not yet reviewed", "尚未审核"},
    {"confidence.VP", "the text of the law", "法律文本"},
    {"confidence.VQ", "a quotation of the law", "法律引文"},
    {"confidence.VS", "a secondary source", "二手资料"},
    {"harm.credentials", "others may try to enter the accounts, and others with the same password", "他人可能尝试登录相关账号及使用相同密码的其他账号"},
    {"harm.financial", "the data may be used for fraud in the name of a bank or of the organisation", "可能被用来冒充银行或本单位实施诈骗"},
    {"harm.general", "the data may be used for unwanted contact or to win trust for a fraud", "可能被用于骚扰，或者骗取信任、实施诈骗"},
    {"harm.health", "private matters of health may become known to others", "健康隐私可能为他人所知"},
    {"harm.identity", "others may pose as the people concerned", "可能被他人冒用身份办理业务"},
    {"harm.minor", "strangers may approach minors as if they knew them", "不法分子可能冒充熟人接触未成年人"},
    {"harm.sensitive", "private matters may become known to others and lead to unfair treatment", "个人隐私可能为他人所知，造成困扰或不公平对待"},
    {"heading.closing", "About this report", "说明"},
    {"heading.deadlines", "Duties and deadlines", "义务与截止时间"},
    {"heading.reference", "Reference", "基本信息"},
    {"item.advice.subject", "What the people concerned can do", "个人可以采取的减轻危害措施"},
    {"item.attack.ransom", "Ransom: amount, method, date", "勒索金额、方式、日期"},
    {"item.attacker.findings", "Leads: possible attacker, path, weaknesses", "溯源线索：可能的攻击者、攻击路径、漏洞"},
    {"item.crossborder.countries", "Member States concerned", "涉及的成员国"},
    {"item.data.categories", "Categories of personal data", "涉及的个人信息种类"},
    {"item.data.protected_state", "Data unintelligible to others (encryption)", "数据是否已加密且不可理解"},
    {"item.data.sensitive", "Sensitive data", "是否涉及敏感个人信息"},
    {"item.delay.reasons", "Reasons for a delay", "迟延的理由"},
    {"item.evidence.scene_preserved", "Preservation of the scene", "现场保护情况"},
    {"item.harm.likely", "Likely consequences", "可能造成的危害"},
    {"item.harm.severity", "Severity of the consequences", "危害的严重程度"},
    {"item.incident.actor", "Origin of the access", "访问来源"},
    {"item.incident.aware_at", "Became aware", "发现或获知时间"},
    {"item.incident.cause", "Cause", "事件原因"},
    {"item.incident.detected_at", "Found by monitoring", "监测发现时间"},
    {"item.incident.grade", "Grade", "事件级别"},
    {"item.incident.how_discovered", "How it was discovered", "发现方式"},
    {"item.incident.location", "Place", "地点"},
    {"item.incident.nature", "Nature of the breach", "事件类型"},
    {"item.incident.occurred_at", "When it happened", "发生时间"},
    {"item.incident.other", "Other matters", "其他应当报告的情况"},
    {"item.incident.summary", "What was found", "事件概述"},
    {"item.incident.trend", "Trend", "事件发展趋势"},
    {"item.measures.planned", "Measures planned", "拟采取的措施"},
    {"item.measures.taken", "Measures taken", "已采取的措施"},
    {"item.notice.individual_status", "Notice to the people concerned", "个人告知情况"},
    {"item.notice.public_status", "Public announcement", "公告情况"},
    {"item.org.contact", "Contact", "联系方式"},
    {"item.org.dpo", "Data protection officer", "个人信息保护负责人"},
    {"item.org.identity", "Organisation", "单位名称及基本情况"},
    {"item.police.reported", "Report to the police", "是否向公安机关报案"},
    {"item.records.count", "Number of records", "涉及的记录数量"},
    {"item.subjects.categories", "Categories of people", "受影响个人的类别"},
    {"item.subjects.count", "Number of people affected", "受影响人数"},
    {"item.subjects.minors_count", "Minors", "未成年人情况"},
    {"item.support.requested", "Support requested", "请求支援事项"},
    {"item.systems.affected", "Systems affected", "受影响的系统"},
    {"jurisdiction.cn", "China (mainland)", "中国大陆"},
    {"jurisdiction.eu-gdpr", "European Union (GDPR)", "欧盟（《通用数据保护条例》）"},
    {"language.en", "English", "英文"},
    {"language.zh-CN", "Chinese (simplified)", "简体中文"},
    {"phase.final", "Final report", "总结报告"},
    {"phase.initial", "First report", "首次报告"},
    {"phase.supplement", "Supplement", "补充报告"},
    {"reference.drawn_up_at", "Drawn up", "制作时间"},
    {"reference.incident_id", "Incident", "事件编号"},
    {"reference.jurisdiction", "Jurisdiction", "适用法域"},
    {"reference.language", "Language", "语言"},
    {"reference.phase", "Kind of report", "报告类型"},
    {"reference.report_id", "Report number", "报告编号"},
    {"reference.tenant", "Tenant", "租户"},
    {"reference.time_zone", "Time zone", "时区"},
    {"status.blocked", "Blocked", "无法起算"},
    {"status.due", "Due", "须按时完成"},
    {"status.exempt", "Exempt", "豁免"},
    {"status.needs_legal_review", "Needs legal review", "待法律审核"},
    {"status.no_fixed_limit", "No fixed hour", "无固定时限"},
    {"status.not_triggered", "Not triggered", "未触发"},
    {"text.checked", "checked against", "核对来源"},
    {"text.duties_none", "No duties were computed for this jurisdiction.", "未计算出该法域的义务。"},
    {"text.legend",
     "Known: established. Estimated: our best present estimate. Not yet known: will follow in a supplement. Not applicable: does not arise here.",
     "“已知”指已查明；“估计”指目前的最佳估计；“尚不明确”将在补充报告中说明；“不适用”指本事件不涉及。"},
    {"text.machine", "The same facts are attached to this file as tocsin-report.json.", "本文件附有同一内容的机器可读文件 tocsin-report.json。"},
    {"text.privacy", "This report names neither the people affected nor the person or account behind the access.", "本报告不含受影响个人及访问者的个人信息。"},
    {"title.cn", "Report of a personal information security incident", "个人信息安全事件报告"},
    {"title.eu-gdpr", "Notification of a personal data breach", "个人数据泄露通知"},
};

const Row* find(std::string_view key) {
  const auto* at = std::lower_bound(std::begin(kRows), std::end(kRows), key, [](const Row& row, std::string_view wanted) { return row.key < wanted; });
  return at != std::end(kRows) && at->key == key ? at : nullptr;
}

}  // namespace

std::string words_or_empty(std::string_view key, Language language) {
  const Row* row = find(key);
  return row == nullptr ? std::string() : std::string(language == Language::zh ? row->zh : row->en);
}

std::string words(std::string_view key, Language language) {
  std::string found = words_or_empty(key, language);
  return found.empty() ? std::string(key.substr(key.find('.') + 1)) : found;
}

}  // namespace tocsin::report
