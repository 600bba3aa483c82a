//! Macros: names for what rules about well-known services say.
//!
//! Names, protocols and ports are those of the product; its descriptions are longer.

use serde_json::{Value, json};

use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;

/// A macro.
#[derive(Debug, Clone, Copy)]
pub(super) struct Macro {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is for.
    about: &'static str,
    /// What its rules say: a protocol, then maybe a port to go to, then maybe a port to come from.
    rules: &'static [&'static str],
}

impl Macro {
    /// What each of its rules says, as properties of rules.
    pub(super) fn says(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let rules = self.rules.iter();
        rules.flat_map(|rule| ["proto", "dport", "sport"].into_iter().zip(rule.split(' ')))
    }
}

/// The macro of that name, however it is written.
pub(super) fn named(name: &str) -> Option<&'static Macro> {
    MACROS
        .iter()
        .find(|known| known.name.eq_ignore_ascii_case(name))
}

pub(super) fn list(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let list: Value = MACROS
        .iter()
        .map(|known| json!({"macro": known.name, "descr": known.about}))
        .collect();
    Ok(Answer::new(list))
}

const fn entry(name: &'static str, about: &'static str, rules: &'static [&'static str]) -> Macro {
    Macro { name, about, rules }
}

const MACROS: &[Macro] = &[
    entry("Amanda", "Backups by Amanda", &["udp 10080", "tcp 10080"]),
    entry("Auth", "Ident queries", &["tcp 113"]),
    entry("BGP", "Border gateway protocol", &["tcp 179"]),
    entry(
        "BitTorrent",
        "BitTorrent, up to version 3.1",
        &["tcp 6881:6889", "udp 6881"],
    ),
    entry(
        "BitTorrent32",
        "BitTorrent, from version 3.2",
        &["tcp 6881:6999", "udp 6881"],
    ),
    entry(
        "Ceph",
        "Ceph monitors, OSDs and metadata servers",
        &["tcp 6789", "tcp 3300", "tcp 6800:7300"],
    ),
    entry(
        "Citrix",
        "Citrix ICA",
        &["tcp 1494", "udp 1604", "tcp 2598"],
    ),
    entry("CVS", "CVS password server", &["tcp 2401"]),
    entry(
        "DAAP",
        "Digital audio access protocol",
        &["tcp 3689", "udp 3689"],
    ),
    entry("DCC", "DCC spam checksums", &["tcp 6277"]),
    entry("DHCPfwd", "DHCP through a relay", &["udp 67:68 67:68"]),
    entry("Distcc", "Distributed compiler", &["tcp 3632"]),
    entry("DNS", "Domain names, by UDP and TCP", &["udp 53", "tcp 53"]),
    entry("Finger", "Finger protocol", &["tcp 79"]),
    entry("FTP", "File transfer protocol", &["tcp 21"]),
    entry("Git", "Git server", &["tcp 9418"]),
    entry(
        "GNUnet",
        "GNUnet peers",
        &["tcp 2086", "udp 2086", "tcp 1080", "udp 1080"],
    ),
    entry("GRE", "Generic routing encapsulation", &["47"]),
    entry("HKP", "Keys from an OpenPGP key server", &["tcp 11371"]),
    entry("HTTP", "Web without encryption", &["tcp 80"]),
    entry("HTTPS", "Web over TLS", &["tcp 443"]),
    entry("ICPV2", "Internet cache protocol (Squid)", &["udp 3130"]),
    entry("ICQ", "ICQ and AIM messages", &["tcp 5190"]),
    entry("IMAP", "Mail access by IMAP", &["tcp 143"]),
    entry("IMAPS", "Mail access by IMAP over TLS", &["tcp 993"]),
    entry("IPIP", "IP in IP tunnels", &["94"]),
    entry("IPsec", "IPsec with ESP", &["udp 500 500", "50"]),
    entry("IPsecah", "IPsec with AH", &["udp 500 500", "51"]),
    entry(
        "IPsecnat",
        "IPsec through address translation",
        &["udp 500", "udp 4500", "50"],
    ),
    entry("IRC", "Internet relay chat", &["tcp 6667"]),
    entry("Jetdirect", "HP Jetdirect printers", &["tcp 9100"]),
    entry("L2TP", "Layer 2 tunnels", &["udp 1701"]),
    entry("LDAP", "Directory access", &["tcp 389"]),
    entry("LDAPS", "Directory access over TLS", &["tcp 636"]),
    entry(
        "Mail",
        "Mail by SMTP, SMTPS and submission",
        &["tcp 25", "tcp 465", "tcp 587"],
    ),
    entry("MDNS", "Multicast DNS", &["udp 5353"]),
    entry("MSNP", "Microsoft notification protocol", &["tcp 1863"]),
    entry("MSSQL", "Microsoft SQL server", &["tcp 1433"]),
    entry("Munin", "Munin monitoring", &["tcp 4949"]),
    entry("MySQL", "MySQL server", &["tcp 3306"]),
    entry("NNTP", "News", &["tcp 119"]),
    entry("NNTPS", "News over TLS", &["tcp 563"]),
    entry("NTP", "Network time", &["udp 123"]),
    entry("OpenVPN", "OpenVPN tunnels", &["udp 1194"]),
    entry("OSPF", "OSPF routing", &["89"]),
    entry(
        "PCA",
        "PCAnywhere remote control",
        &["udp 5632", "tcp 5631"],
    ),
    entry("Ping", "ICMP echo requests", &["icmp echo-request"]),
    entry("PMG", "Proxmox Mail Gateway web interface", &["tcp 8006"]),
    entry("POP3", "Mail access by POP3", &["tcp 110"]),
    entry("POP3S", "Mail access by POP3 over TLS", &["tcp 995"]),
    entry("PostgreSQL", "PostgreSQL server", &["tcp 5432"]),
    entry("PPtP", "Point-to-point tunnels", &["47", "tcp 1723"]),
    entry("Printer", "Line printers", &["tcp 515"]),
    entry("Razor", "Razor spam checks", &["tcp 2703"]),
    entry("Rdate", "Time by rdate", &["tcp 37"]),
    entry("RDP", "Remote desktops of Windows", &["tcp 3389"]),
    entry("RIP", "RIP routing", &["udp 520"]),
    entry("RNDC", "Remote control of BIND", &["tcp 953"]),
    entry("Rsync", "Rsync server", &["tcp 873"]),
    entry("SANE", "Scanners by SANE", &["tcp 6566"]),
    entry(
        "SixXS",
        "SixXS tunnels",
        &["tcp 3874", "udp 3740", "41", "udp 5072,8374"],
    ),
    entry(
        "SMB",
        "Windows shares",
        &[
            "udp 135,445",
            "udp 137:139",
            "udp 1024:65535 137",
            "tcp 135,139,445",
        ],
    ),
    entry("SMBswat", "Samba administration", &["tcp 901"]),
    entry("SMTP", "Mail transfer", &["tcp 25"]),
    entry("SMTPS", "Mail transfer over TLS", &["tcp 465"]),
    entry(
        "SNMP",
        "Simple network management",
        &["udp 161:162", "tcp 161"],
    ),
    entry("SPAMD", "SpamAssassin server", &["tcp 783"]),
    entry("SPICEproxy", "Proxy of SPICE displays", &["tcp 3128"]),
    entry("Squid", "Squid web proxy", &["tcp 3128"]),
    entry("SSH", "Secure shell", &["tcp 22"]),
    entry("Submission", "Mail submission", &["tcp 587"]),
    entry("SVN", "Subversion server", &["tcp 3690"]),
    entry(
        "Syslog",
        "System log over the network",
        &["udp 514", "tcp 514"],
    ),
    entry("Telnet", "Telnet", &["tcp 23"]),
    entry("Telnets", "Telnet over TLS", &["tcp 992"]),
    entry("TFTP", "Trivial file transfer", &["udp 69"]),
    entry("Time", "Time protocol of RFC 868", &["tcp 37"]),
    entry(
        "Trcrt",
        "Traceroute",
        &["udp 33434:33524", "icmp echo-request"],
    ),
    entry("VNC", "VNC displays 0 to 99", &["tcp 5900:5999"]),
    entry("VNCL", "VNC servers that call their viewers", &["tcp 5500"]),
    entry("Web", "Web, with and without TLS", &["tcp 80", "tcp 443"]),
    entry("Webcache", "Web caches and proxies", &["tcp 8080"]),
    entry("Webmin", "Webmin", &["tcp 10000"]),
    entry("Whois", "Whois queries", &["tcp 43"]),
];
