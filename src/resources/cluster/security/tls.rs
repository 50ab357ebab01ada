use std::collections::BTreeMap;

use super::{CLUSTER, SNAPSHOT, Seen};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;
use crate::resources::Desired;
use crate::resources::broker_config::is_same;
use crate::resources::cluster::facts::access::settings;
use crate::resources::cluster::facts::{in_words, told};

/// The config that has brokers compare the name of a host with its certificate.
const NAMES: &str = "ssl.endpoint.identification.algorithm";

/// The config with the versions of TLS that are spoken.
const VERSIONS: &str = "ssl.enabled.protocols";

/// The config with the version that is spoken by default.
const DEFAULT_VERSION: &str = "ssl.protocol";

/// The config with the cipher suites that are agreed on.
const SUITES: &str = "ssl.cipher.suites";

/// BUS805.
pub static DECLARED: Rule = Rule {
    code: "BUS805",
    name: "weak-tls",
    summary: "Declared configs of brokers leave TLS as strong as it is by default",
    explanation: "Kafka speaks TLS 1.2 and 1.3 and compares the name of whoever it connects to with the certificate that it is \
shown. `ssl.endpoint.identification.algorithm` with an empty value switches that off: whoever has any certificate of the \
authority can then stand between two brokers. `ssl.enabled.protocols` and `ssl.protocol` can bring back versions that have been \
broken for years: SSL, TLS 1.0 and TLS 1.1 (RFC 8996). `ssl.cipher.suites` can bring back suites without encryption (`NULL`) or \
without any certificate (`anon`), and ciphers that are broken: those for export, RC2, RC4, DES and 3DES. The rule looks at what `kafka.config` and the nodes declare, for all \
listeners and for one (`listener.name.…`).",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CLUSTER, Text(super::kafka!("  config: { ssl.endpoint.identification.algorithm: \"\" }\n")))]),
    good: Example(&[(CLUSTER, Text(super::kafka!("  config: { ssl.endpoint.identification.algorithm: https }\n")))]),
    check: Check::Cluster(check),
};

/// BUS813.
pub static LIVE: Rule = Rule {
    code: "BUS813",
    name: "live-weak-tls",
    summary: "Brokers have TLS as strong as it is by default",
    explanation: "As BUS805, of the configs that brokers tell, whoever set them: names of hosts are compared with certificates \
(`ssl.endpoint.identification.algorithm`), no version of TLS below 1.2 is enabled (`ssl.enabled.protocols`, \
`ssl.protocol`), and no broken cipher suite (`ssl.cipher.suites`). What the manifest declares so is told by BUS805.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(settings!(r#"{ "ssl.enabled.protocols": "TLSv1.1,TLSv1.2,TLSv1.3" }"#)))]),
    good: Example(&[(SNAPSHOT, Live(settings!(r#"{ "ssl.enabled.protocols": "TLSv1.2,TLSv1.3" }"#)))]),
    check: Check::Live,
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let cluster = desired.cluster;
    let Some(kafka) = &cluster.kafka else { return };
    for config in kafka.configs() {
        let Some(weakness) = weakness(config.key, &config.value) else { continue };
        findings.push(
            DECLARED
                .finding(format!("on `{}` {weakness}", cluster.cluster.value))
                .at(config.span, "")
                .help(HELP)
                .resource(cluster.address()),
        );
    }
}

const HELP: &str =
    "leave it at Kafka's default, or write `https`, versions from TLSv1.2 on, and suites of AES or ChaCha20";

pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts) -> Vec<Diagnostic> {
    let declared =
        |key: &str, value: &str| seen.kafka.configs().any(|config| config.key == key && is_same(&config.value, value));
    let mut weak: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (broker, settings) in told(facts, |broker| &broker.settings) {
        let known = settings.iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        for (key, value) in known.filter(|(key, value)| !declared(key, value)) {
            if let Some(weakness) = weakness(key, value) {
                weak.entry(weakness).or_default().push(broker);
            }
        }
    }
    let finding = |(weakness, brokers): (String, Vec<i32>)| {
        let message = format!("{} of `{}`: {weakness}", in_words(&brokers), seen.name());
        let help = "leave it at Kafka's default on every node, and start it again where it is not taken at once";
        seen.finding(&LIVE, message).at(seen.kafka.span, "").help(help)
    };
    weak.into_iter().map(finding).collect()
}

/// What a config weakens, in words.
fn weakness(key: &str, value: &str) -> Option<String> {
    let (of, config) = match key.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.')) {
        Some((listener, config)) => (format!(" on the listener {}", listener.to_uppercase()), config),
        None => (String::new(), key),
    };
    match config {
        NAMES if !value.eq_ignore_ascii_case("https") => {
            Some(format!("names of hosts are not compared with certificates{of}: {NAMES} is `{value}`"))
        }
        VERSIONS | DEFAULT_VERSION => {
            let old: Vec<&str> = value.split(',').map(str::trim).filter(|version| is_old(version)).collect();
            (!old.is_empty()).then(|| format!("{}{of}: {config} is `{value}`", spoken(&old)))
        }
        SUITES => {
            let broken: Vec<&str> = value.split(',').map(str::trim).filter(|suite| is_broken(suite)).collect();
            (!broken.is_empty())
                .then(|| format!("{} can be agreed on{of}: {config} is `{value}`", broken.join(" and ")))
        }
        _ => None,
    }
}

fn spoken(versions: &[&str]) -> String {
    format!("{} can be spoken", versions.join(" and "))
}

/// Whether it is a version below TLS 1.2; `TLS` alone means whichever is the newest.
fn is_old(version: &str) -> bool {
    let version = version.to_ascii_uppercase();
    version.starts_with("SSL") || matches!(version.as_str(), "TLSV1" | "TLSV1.0" | "TLSV1.1")
}

/// Whether a cipher suite encrypts nothing, authenticates nobody, or has a cipher that is broken. Those of TLS 1.3 are none of
/// these.
fn is_broken(suite: &str) -> bool {
    const BROKEN: [&str; 10] = ["NULL", "ANON", "EXPORT", "EXPORT1024", "RC2", "RC4", "DES", "DES40", "3DES", "IDEA"];
    let suite = suite.to_ascii_uppercase();
    suite.split('_').any(|part| BROKEN.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weakens_tls_is_told_whatever_the_spelling() {
        let told = |key: &str, value: &str| weakness(key, value).is_some();
        for (key, value) in [
            (NAMES, ""),
            ("listener.name.client_tls.ssl.endpoint.identification.algorithm", "ldaps"),
            (VERSIONS, "TLSv1.2, TLSv1"),
            (DEFAULT_VERSION, "tlsv1.1"),
            (VERSIONS, "SSLv3"),
            (SUITES, "TLS_RSA_WITH_NULL_SHA256"),
            (SUITES, "TLS_AES_256_GCM_SHA384, tls_dh_anon_with_aes_128_gcm_sha256"),
            (SUITES, "SSL_RSA_EXPORT_WITH_RC4_40_MD5"),
            (SUITES, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
            ("listener.name.client_tls.ssl.cipher.suites", "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
        ] {
            assert!(told(key, value), "{key}={value}");
        }
        for (key, value) in [
            (NAMES, "HTTPS"),
            (VERSIONS, "TLSv1.2,TLSv1.3"),
            (DEFAULT_VERSION, "TLS"),
            (DEFAULT_VERSION, "TLSv1.3"),
            (SUITES, "TLSv1"),
            (SUITES, ""),
            (SUITES, "TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ] {
            assert!(!told(key, value), "{key}={value}");
        }
    }
}
