use super::reader::Reader;
use crate::model::{PatternType, Principal};
use crate::ports::kafka::{Acl, AclOperation, AclPermission, AclResourceType};
use crate::source::Span;

/// What Kafka calls the cluster in ACLs.
pub const CLUSTER: &str = "kafka-cluster";

/// What an ACL is about, and for whom.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// Who.
    pub principal: &'a Principal,
    /// What it is about.
    pub resource: AclResourceType,
    /// Its name or prefix.
    pub name: &'a str,
    /// How the name is meant.
    pub pattern: PatternType,
    /// From where.
    pub host: &'a str,
    /// Allow or deny.
    pub permission: AclPermission,
}

impl<'a> Grant<'a> {
    /// From everywhere, allowed.
    pub fn of(principal: &'a Principal, resource: AclResourceType, name: &'a str) -> Self {
        let (pattern, permission) = (PatternType::Literal, AclPermission::Allow);
        Self { principal, resource, name, pattern, host: "*", permission }
    }

    /// Everything whose name starts so.
    pub fn prefixed(principal: &'a Principal, resource: AclResourceType, name: &'a str) -> Self {
        Self { pattern: PatternType::Prefixed, ..Self::of(principal, resource, name) }
    }

    /// What the name says: a prefix where a `*` stands at its end.
    pub fn by_star(principal: &'a Principal, resource: AclResourceType, name: &'a str) -> Self {
        match name.strip_suffix('*').filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => Self::prefixed(principal, resource, prefix),
            None => Self::of(principal, resource, name),
        }
    }

    /// Adds an ACL for each operation.
    pub fn allow(&self, operations: &[AclOperation], reader: &mut Reader<'_>) {
        for operation in operations {
            reader.acl(Acl {
                resource: self.resource,
                name: self.name.into(),
                pattern: self.pattern,
                principal: self.principal.clone(),
                host: if self.host == "*" { "*".into() } else { self.host.to_owned().into() },
                operation: *operation,
                permission: self.permission,
            });
        }
    }
}

/// One of Kafka's words, whatever capitals and lines it is written with.
fn word<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Option<T> {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
    let text = plain(text);
    words.iter().find(|(word, _)| plain(word) == text).map(|(_, value)| *value)
}

fn known<T: Copy>(
    text: &str,
    words: &[(&'static str, T)],
    what: &str,
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<T> {
    let found = word(text, words);
    if found.is_none() {
        reader.leave(span, format!("the ACL is not taken over: nobody knows the {what} {text}"));
    }
    found
}

/// A type of resource.
pub fn resource(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<AclResourceType> {
    known(text, AclResourceType::WORDS, "resource", span, reader)
}

/// An operation.
pub fn operation(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<AclOperation> {
    // Kafka has both with an s; Jikkou documents one without.
    let text = if text.eq_ignore_ascii_case("CREATE_TOKEN") { "CREATE_TOKENS" } else { text };
    known(text, AclOperation::WORDS, "operation", span, reader)
}

/// Allow or deny.
pub fn permission(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<AclPermission> {
    known(text, AclPermission::WORDS, "permission", span, reader)
}

/// How a name is meant.
pub fn pattern(text: &str, span: Span, reader: &mut Reader<'_>) -> Option<PatternType> {
    const WORDS: &[(&str, PatternType)] =
        &[("literal", PatternType::Literal), ("prefixed", PatternType::Prefixed), ("prefix", PatternType::Prefixed)];
    if text.eq_ignore_ascii_case("MATCH") {
        reader.leave(
            span,
            "the ACL is not taken over: a MATCH stands for the topics that the cluster has when it is applied; import these \
             from the cluster",
        );
        return None;
    }
    known(text, WORDS, "pattern", span, reader)
}
