//! Whom systems take the tool for. Kafka has no request that tells: everything here is derived, and says from what.

use serde::Serialize;

use super::json::to_json;
use super::markdown::{code, prose};
use super::{Style, View, paint::Paint, plain};

/// What a connection shows of the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// A client certificate.
    Certificate,
    /// A token.
    Token,
    /// A user and a password.
    Password,
    /// Nothing, or nothing that is known here.
    Nothing,
}

/// Whom one system takes the tool for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The system: `cluster/NAME`, `registry/NAME`.
    pub system: String,
    /// The principal, where it can be derived.
    pub principal: Option<String>,
    /// What the connection shows.
    pub shows: Shown,
    /// What the principal is derived from, or would be.
    pub derived: String,
    /// The subject of the certificate.
    pub subject: Option<String>,
    /// When what is shown is over.
    pub until: Option<String>,
    /// What is wrong.
    pub problem: Option<String>,
    /// Whether no server takes what is shown.
    #[serde(skip)]
    pub is_useless: bool,
}

impl Identity {
    /// An identity of which nothing else is known yet.
    pub fn of(shows: Shown) -> Self {
        let (system, derived) = (String::new(), String::new());
        Self { system, principal: None, shows, derived, subject: None, until: None, problem: None, is_useless: false }
    }

    /// The same with what else is wrong.
    pub fn with_problem(mut self, problem: String) -> Self {
        self.problem = Some(match self.problem.take() {
            Some(before) => format!("{before}; {problem}"),
            None => problem,
        });
        self
    }

    /// Whether it is known whom the system takes the tool for, and that it takes what it is shown.
    pub fn is_good(&self) -> bool {
        self.principal.is_some() && !self.is_useless
    }

    fn name(&self) -> &str {
        self.principal.as_deref().unwrap_or("not known")
    }

    fn told(&self) -> String {
        let mut told = Vec::new();
        if self.principal.is_some() && !self.derived.is_empty() {
            told.push(format!("derived from {}", self.derived));
        }
        told.extend(self.until.iter().map(|until| format!("good until {until}")));
        told.join(", ")
    }
}

/// Whom each system takes the tool for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    /// System by system.
    pub of: Vec<Identity>,
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    identities: &'a [Identity],
}

impl View for Identities {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        for identity in &self.of {
            out.push_str(&format!(
                "{}  {}\n",
                plain::line(&identity.system),
                paint.bold(&plain::line(identity.name()))
            ));
            let told = identity.told();
            if !told.is_empty() {
                out.push_str(&format!("    {}\n", plain::line(&told)));
            }
            if let Some(problem) = &identity.problem {
                out.push_str(&format!("    {} {}\n", paint.doubtful("note:"), plain::line(problem)));
            }
        }
        out
    }

    /// The document; `docs/schemas/whoami.schema.json` describes it.
    fn json(&self) -> String {
        to_json(&Document { format_version: 1, identities: &self.of })
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        for identity in &self.of {
            let problem = identity.problem.iter().map(|problem| format!("; {}", prose(problem)));
            let told = format!("{}{}", prose(&identity.told()), problem.collect::<String>());
            out.push_str(&format!("- {}: {} ({told})\n", code(&identity.system), code(identity.name())));
        }
        out
    }
}
