use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Diagnostic;

/// What the waiver that would silence a finding says beside what the finding knows. There may be very many findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverTerms {
    /// The last day on which it would hold.
    pub expires: Arc<str>,
    /// The team that answers for the resource, where the manifests tell.
    pub owner: Option<Box<str>>,
}

/// The waiver that would silence a finding, but for its reason. Shown, it is a line to paste below `waivers:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The rule.
    pub code: String,
    /// The address of what it excepts.
    pub resource: String,
    /// Why: to be written.
    pub reason: String,
    /// The last day on which it would hold.
    pub expires: String,
    /// The team that answers for the resource, where the manifests tell.
    pub owner: Option<String>,
}

impl Waiver {
    /// The waiver of a finding; none where it may not have one.
    pub fn of(finding: &Diagnostic) -> Option<Self> {
        let WaiverTerms { expires, owner } = finding.waiver.as_ref()?;
        Some(Self {
            code: finding.code.to_owned(),
            resource: finding.resource.clone()?,
            reason: "…".to_owned(),
            expires: expires.to_string(),
            owner: owner.as_deref().map(str::to_owned),
        })
    }

    /// What it says beside its finding.
    pub fn terms(&self) -> WaiverTerms {
        WaiverTerms { expires: self.expires.as_str().into(), owner: self.owner.as_deref().map(Into::into) }
    }
}

impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, resource, reason, expires, owner } = self;
        write!(f, "- {{ code: {code}, resource: {}, reason: {}, expires: {expires}", scalar(resource), scalar(reason))?;
        match owner {
            Some(owner) => write!(f, ", owner: {} }}", scalar(owner)),
            None => f.write_str(" }"),
        }
    }
}

/// A text as YAML writes it inside braces: as it is, where nothing in it means anything there.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*' | '=');
    match text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_plain) {
        true => text.to_owned(),
        // A string of JSON is one of YAML.
        false => serde_json::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiver_is_ready_to_paste_whatever_the_resource_is_called() {
        let mut waiver = Waiver {
            code: "BUS104".into(),
            resource: "topic/a.b.v1".into(),
            reason: "…".into(),
            expires: "2026-12-31".into(),
            owner: Some("team".into()),
        };
        let shown = "- { code: BUS104, resource: topic/a.b.v1, reason: \"…\", expires: 2026-12-31, owner: team }";
        assert_eq!(waiver.to_string(), shown);
        waiver.resource = "grant/s/group/a, code: BUS1 }\n#\"".into();
        waiver.owner = None;
        let shown = "- { code: BUS104, resource: \"grant/s/group/a, code: BUS1 }\\n#\\\"\", reason: \"…\", \
                     expires: 2026-12-31 }";
        assert_eq!(waiver.to_string(), shown);
    }
}
