// log_source_names.cpp: three sorted tables, read from the public corpus.
#include "daemon/sigma/authoring/log_source_names.h"

namespace tocsin::sigma {
namespace {

constexpr std::string_view kCategories[] = {
    "access", "antivirus", "appliance", "application", "authentication", "clipboard_capture", "create_remote_thread", "create_stream_hash",
    "database", "dns", "dns_query", "driver_load", "edr", "file_access", "file_block", "file_change", "file_delete", "file_event",
    "file_executable_detected", "file_rename", "firewall", "image_load", "kubernetes", "network_connection", "pipe_created",
    "process_access", "process_creation", "process_tampering", "proxy", "ps_classic_provider_start", "ps_classic_start", "ps_module",
    "ps_script", "raw_access_thread", "registry_add", "registry_delete", "registry_event", "registry_rename", "registry_set",
    "sysmon_error", "sysmon_status", "webserver", "wmi_event",
};

constexpr std::string_view kProducts[] = {
    "antivirus", "apache", "aws", "azure", "bitbucket", "checkpoint", "cisco", "citrix", "confluence", "django", "esxi", "fortigate",
    "fortios", "gcp", "github", "google_workspace", "huawei", "juniper", "jvm", "kubernetes", "linux", "m365", "macos", "modsecurity",
    "nginx", "nodejs", "okta", "onelogin", "opencanary", "paloalto", "python", "qualys", "rpc_firewall", "ruby_on_rails", "sophos",
    "spring", "sql", "tocsin", "velocity", "windows", "zeek",
};

constexpr std::string_view kServices[] = {
    "aaa", "access", "activitylogs", "admin", "apache", "application", "applocker", "appmodel-runtime", "appxdeployment-server",
    "appxpackaging-om", "audit", "auditd", "auditlogs", "auth", "bgp", "bits-client", "capi2", "certificateservicesclient-lifecycle-system",
    "clamav", "cloudtrail", "codeintegrity-operational", "cron", "dce_rpc", "diagnosis-scripted", "dns", "dns-client", "dns-server",
    "dns-server-analytic", "driver-framework", "duo", "event", "exchange", "firewall-as", "gcp.audit", "globalprotect",
    "google_workspace.admin", "google_workspace.login", "guacamole", "http", "iis-configuration", "kerberos", "ldap", "ldp", "lsa-server",
    "microsoft-servicebus-client", "msexchange-management", "nginx", "ntlm", "okta", "onelogin.events", "openssh", "pim",
    "powershell-classic", "printservice-admin", "printservice-operational", "rdp", "riskdetection", "security", "security-mitigations",
    "shell-core", "signinlogs", "smb_files", "smbclient-connectivity", "smbclient-security", "smbserver-connectivity", "sshd", "sslvpnd",
    "sudo", "syslog", "sysmon", "system", "taskscheduler", "terminalservices-localsessionmanager", "threat-intelligence",
    "threat_detection", "threat_management", "vsftpd", "windefend", "wmi", "x509",
};

}  // namespace

std::span<const std::string_view> known_products() { return kProducts; }
std::span<const std::string_view> known_categories() { return kCategories; }
std::span<const std::string_view> known_services() { return kServices; }

}  // namespace tocsin::sigma
