//! What certificates say.

use std::time::SystemTime;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// A certificate in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Whose it is, as Java writes it and brokers see it.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// From when on it is good.
    pub starts: SystemTime,
    /// When it is over.
    pub ends: SystemTime,
}

impl Described {
    /// The certificate in this DER; `None` where it is none.
    pub fn of(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?;
        let inner = certificate.tbs_certificate();
        let alternatives = inner.get_extension::<SubjectAltName>().ok().flatten();
        let names = alternatives.map(|(_, names)| names.0.iter().filter_map(name).collect()).unwrap_or_default();
        Some(Self {
            subject: java_name(inner.subject()),
            issuer: java_name(inner.issuer()),
            names,
            starts: inner.validity().not_before.to_system_time(),
            ends: inner.validity().not_after.to_system_time(),
        })
    }

    /// A chain that was shown, as far as it can be read: what stands behind a certificate is never taken for it.
    pub fn chain<'c>(shown: impl IntoIterator<Item = &'c CertificateDer<'c>>) -> Vec<Self> {
        shown.into_iter().map_while(|der| Self::of(der)).collect()
    }

    /// The first certificate of a PEM text, which is whose the text is; `None` where that one cannot be read, whatever stands behind
    /// it.
    pub fn first_in(pem: &str) -> Option<Self> {
        let first = CertificateDer::pem_slice_iter(pem.as_bytes()).next()?;
        Self::of(&first.ok()?)
    }

    /// All certificates of a PEM text that can be read, in its order: authorities.
    pub fn all_in(pem: &str) -> Vec<Self> {
        let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
        certificates.filter_map(|der| Self::of(&der)).collect()
    }
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(octets) => match octets.as_bytes() {
            bytes if bytes.len() == 4 => {
                <[u8; 4]>::try_from(bytes).ok().map(|it| std::net::IpAddr::from(it).to_string())
            }
            bytes => <[u8; 16]>::try_from(bytes).ok().map(|it| std::net::IpAddr::from(it).to_string()),
        },
        GeneralName::UniformResourceIdentifier(address) => Some(address.to_string()),
        _ => None,
    }
}

/// A distinguished name as `javax.security.auth.x500.X500Principal.getName()` writes it (RFC 2253), from which brokers make
/// the principal: the last part first, other attributes than these nine as numbers.
fn java_name(name: &Name) -> String {
    let parts = name.iter_rdn().map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+"));
    let mut parts: Vec<String> = parts.collect();
    parts.reverse();
    parts.join(",")
}

const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
];

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let oid = attribute.oid.to_string();
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == oid).map(|(_, keyword)| *keyword);
    let bytes = attribute.value.value();
    // Java reads them all as UTF-8, whatever they are.
    let is_text = matches!(
        attribute.value.tag(),
        Tag::Utf8String
            | Tag::PrintableString
            | Tag::Ia5String
            | Tag::TeletexString
            | Tag::BmpString
            | Tag::GeneralString
    );
    match (keyword, is_text.then(|| String::from_utf8_lossy(bytes))) {
        (Some(keyword), Some(text)) => format!("{keyword}={}", escaped(&text)),
        _ => {
            let der = attribute.value.to_der().unwrap_or_default();
            let hex: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{oid}=#{hex}")
        }
    }
}

/// Java escapes more than RFC 2253 asks for: these wherever they stand.
const ESCAPED: &str = ",=+<>#;\"\\";

fn escaped(text: &str) -> String {
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text.trim_end_matches(' ').len();
    let mut out = String::new();
    for (index, c) in text.char_indices() {
        match c {
            '\0' => out.push_str("\\00"),
            ' ' if index < start || index >= end => out.push_str("\\ "),
            c if ESCAPED.contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIC+DCCAp6gAwIBAgIUINzGGqyOkzdP/5VZCYi9Rxcp7ggwCgYIKoZIzj0EAwIw
gakxCzAJBgNVBAYTAkRFMRAwDgYDVQQIDAdIYW1idXJnMRAwDgYDVQQHDAdIYW1i
dXJnMRkwFwYDVQQKDBBBY21lLCBJbmMuICJCdXMiMREwDwYDVQQLDAhhPWI7Yzxk
PjEXMBUGCgmSJomT8ixkARkWB2V4YW1wbGUxEjAQBgoJkiaJk/IsZAEBDAJ1MTEL
MAkGA1UEBRMCNDIxDjAMBgNVBAMMBSNCw7xzMB4XDTI2MTEyNjIyMjc0N1oXDTQ2
MTEyMTIyMjc0N1owgakxCzAJBgNVBAYTAkRFMRAwDgYDVQQIDAdIYW1idXJnMRAw
DgYDVQQHDAdIYW1idXJnMRkwFwYDVQQKDBBBY21lLCBJbmMuICJCdXMiMREwDwYD
VQQLDAhhPWI7YzxkPjEXMBUGCgmSJomT8ixkARkWB2V4YW1wbGUxEjAQBgoJkiaJ
k/IsZAEBDAJ1MTELMAkGA1UEBRMCNDIxDjAMBgNVBAMMBSNCw7xzMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE1UrdH3jozKggq6/Hgr0P9d29jAI4uij50AVIe1jH
wRJpHCzRADx56tcDsz+z9+UcNZmMMBsogFBxZcpCr43VgaOBoTCBnjAdBgNVHQ4E
FgQUwTkGN7AHhbE5/Q0xMSbj/HCRHy8wHwYDVR0jBBgwFoAUwTkGN7AHhbE5/Q0x
MSbj/HCRHy8wDwYDVR0TAQH/BAUwAwEB/zBLBgNVHREERDBCgg9rYWZrYS0wLmV4
YW1wbGWHBAoAAAGHECABDbgAAAAAAAAAAAAAAAGGF3NwaWZmZTovL2V4YW1wbGUv
YnVzY3RsMAoGCCqGSM49BAMCA0gAMEUCIQC4OZ6ZDJqDu6btuWjnUyWe6nsgZNmf
wjMO/0XD6+JChQIgGnl2TKc0IpsrZHoEB/DT9pPZUoLpnLnzEh00LBqXI7Y=
-----END CERTIFICATE-----
";

    /// The subject is what Java's own `X500Principal.getName()` made of this certificate.
    #[test]
    fn a_subject_is_what_brokers_see() {
        let described = Described::all_in(CERTIFICATE).remove(0);
        let subject = r##"CN=\#Büs,2.5.4.5=#13023432,UID=u1,DC=example,OU=a\=b\;c\<d\>,O=Acme\, Inc. \"Bus\",L=Hamburg,ST=Hamburg,C=DE"##;
        assert_eq!(described.subject, subject);
        assert_eq!(described.issuer, subject);
        let names = ["kafka-0.example", "10.0.0.1", "2001:db8::1", "spiffe://example/busctl"];
        assert_eq!(described.names, names);
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map(|it| it.as_secs()).ok();
        assert_eq!(seconds(described.ends), Some(2_426_452_067));
    }

    fn of_text(tag: Tag, bytes: &[u8]) -> String {
        let value = x509_cert::der::Any::new(tag, bytes).expect("a value");
        attribute(&AttributeTypeAndValue { oid: "2.5.4.3".parse().expect("a number"), value })
    }

    /// What Java's own `X500Principal.getName()` makes of these.
    #[test]
    fn texts_are_read_and_escaped_as_java_does() {
        assert_eq!(of_text(Tag::Utf8String, b"  a b  "), r"CN=\ \ a b\ \ ");
        assert_eq!(of_text(Tag::Utf8String, b"   "), r"CN=\ \ \ ");
        assert_eq!(of_text(Tag::Utf8String, b"a\0b"), r"CN=a\00b");
        assert_eq!(of_text(Tag::TeletexString, b"\xe9"), "CN=\u{fffd}");
        assert_eq!(of_text(Tag::BmpString, b"\0A\0\xe9"), "CN=\\00A\\00\u{fffd}");
        assert_eq!(of_text(Tag::GeneralString, b"gen"), "CN=gen");
        assert_eq!(of_text(Tag::NumericString, b"123"), "2.5.4.3=#1203313233");
    }

    #[test]
    fn a_certificate_behind_one_that_cannot_be_read_is_not_taken_for_it() {
        let broken = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        assert_eq!(Described::first_in(&format!("{broken}{CERTIFICATE}")), None);
        assert_eq!(
            Described::first_in(&format!("{CERTIFICATE}{broken}")).as_ref(),
            Described::all_in(CERTIFICATE).first()
        );
        let ders: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(format!("{broken}{CERTIFICATE}").as_bytes())
            .filter_map(Result::ok)
            .collect();
        assert_eq!(ders.len(), 2);
        assert_eq!(Described::chain(&ders), []);
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        assert_eq!(Described::of(b"x"), None);
        assert_eq!(Described::all_in("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"), []);
    }
}
