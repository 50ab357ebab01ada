//! A certificate that was issued, in every format. It shows where the key is, and never the key.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::json::to_json;
use super::markdown::{code, prose};
use super::paint::Paint;
use super::plain;
use super::{Style, View};
use crate::model::{Principal, Timestamp};

/// What was issued.
#[derive(Debug, Clone, Serialize)]
pub struct IssuedIdentity {
    /// The service or role.
    pub service: String,
    /// The cluster.
    pub cluster: String,
    /// Who it is to the brokers.
    pub principal: Principal,
    /// The certificate's subject.
    pub subject: String,
    /// Where it was issued.
    pub role: String,
    /// Its serial number.
    pub serial: String,
    /// When it ends.
    pub ends: Option<Timestamp>,
    /// Whether Vault revokes it when the token ends that it was issued with.
    pub revoked_with_token: bool,
    /// What was written, and where.
    #[serde(serialize_with = "mapping")]
    pub files: Vec<(&'static str, String)>,
}

fn mapping<S: Serializer>(files: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(files.len()))?;
    for (what, path) in files {
        map.serialize_entry(what, path)?;
    }
    map.end()
}

/// A certificate that was issued.
#[derive(Debug, Clone, Copy)]
pub struct IdentityView<'a> {
    /// It.
    pub identity: &'a IssuedIdentity,
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    #[serde(flatten)]
    identity: &'a IssuedIdentity,
}

impl IdentityView<'_> {
    fn head(&self) -> String {
        let IssuedIdentity { service, cluster, principal, .. } = self.identity;
        format!("issued for `{service}` on {cluster}: {principal}")
    }

    fn rows(&self) -> Vec<(&str, String)> {
        let identity = self.identity;
        let mut rows = vec![
            ("subject", identity.subject.clone()),
            ("issued at", identity.role.clone()),
            ("serial", identity.serial.clone()),
        ];
        rows.extend(identity.ends.map(|ends| ("ends", ends.to_string())));
        rows.extend(identity.files.iter().map(|(what, path)| (*what, path.clone())));
        rows
    }

    fn warning(&self) -> Option<&'static str> {
        self.identity.revoked_with_token.then_some(
            "Vault revokes it when the token ends that it was issued with: set `generate_lease=false` of the role",
        )
    }
}

impl View for IdentityView<'_> {
    fn text(&self, style: Style) -> String {
        let mut out = Paint::new(style).bold(&plain::line(&self.head())) + "\n";
        for (what, value) in self.rows() {
            out.push_str(&format!("  {what:<12} {}\n", plain::line(&value)));
        }
        out.extend(self.warning().map(|warning| format!("{warning}\n")));
        out
    }

    /// The document; `docs/schemas/identity.schema.json` describes it.
    fn json(&self) -> String {
        to_json(&Document { format_version: 1, identity: self.identity })
    }

    fn markdown(&self) -> String {
        let rows = self.rows().into_iter().map(|(what, value)| format!("| {what} | {} |\n", code(&value)));
        let rows: String = rows.collect();
        let warning = self.warning().map(|warning| format!("\n{}\n", prose(warning))).unwrap_or_default();
        format!("### {}\n\n| | |\n| --- | --- |\n{rows}{warning}", prose(&self.head()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_where_everything_is() {
        let identity = IssuedIdentity {
            service: "normalizer".into(),
            cluster: "production".into(),
            principal: "User:CN=normalizer".parse().unwrap(),
            subject: "CN=normalizer,O=bus".into(),
            role: "pki/issue/normalizer".into(),
            serial: "1f:2e".into(),
            ends: Some(Timestamp::of_unix_millis(1_795_000_000_000)),
            revoked_with_token: true,
            files: vec![("truststore", "certs/t.pem".into()), ("keystore", "certs/k.pem".into())],
        };
        let view = IdentityView { identity: &identity };
        insta::assert_snapshot!(view.text(Style::PLAIN), @r"
        issued for `normalizer` on production: User:CN=normalizer
          subject      CN=normalizer,O=bus
          issued at    pki/issue/normalizer
          serial       1f:2e
          ends         2026-11-18T11:06:40.000Z
          truststore   certs/t.pem
          keystore     certs/k.pem
        Vault revokes it when the token ends that it was issued with: set `generate_lease=false` of the role
        ");
        insta::assert_snapshot!(view.json(), @r#"
        {
          "format_version": 1,
          "service": "normalizer",
          "cluster": "production",
          "principal": "User:CN=normalizer",
          "subject": "CN=normalizer,O=bus",
          "role": "pki/issue/normalizer",
          "serial": "1f:2e",
          "ends": "2026-11-18T11:06:40.000Z",
          "revoked_with_token": true,
          "files": {
            "truststore": "certs/t.pem",
            "keystore": "certs/k.pem"
          }
        }
        "#);
    }
}
