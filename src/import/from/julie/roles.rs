//! Roles that people have made themselves: lists of ACLs with places for what a project says.

use std::collections::BTreeMap;

use super::super::acls::{self, Grant};
use super::super::keys::{Keys, text_of};
use super::super::reader::Reader;
use super::Project;
use super::access::party;
use super::naming::filled;
use crate::model::PatternType;
use crate::ports::kafka::AclPermission;
use crate::source::{Entry, Node, Span, Value};

/// The ACLs of each role.
#[derive(Default)]
pub struct Roles<'n> {
    of: BTreeMap<&'n str, Vec<Template<'n>>>,
}

struct Template<'n> {
    name: &'n str,
    host: &'n str,
    grant: (crate::ports::kafka::AclResourceType, PatternType, AclPermission),
    operation: crate::ports::kafka::AclOperation,
    span: Span,
}

impl<'n> Roles<'n> {
    /// Adds the roles of a document.
    pub fn add(&mut self, reader: &mut Reader<'_>, document: &'n Node) {
        for node in Keys::of(document, "the document", reader).list("roles") {
            let mut keys = Keys::of(node, "a role", reader);
            let Some(name) = keys.required("name", reader) else { continue };
            keys.called(format!("the role {name}"));
            let acls = keys.list("acls").into_iter().filter_map(|node| template(reader, node, name)).collect();
            self.of.insert(name, acls);
            keys.rest(reader);
        }
    }

    /// Gives everybody whom a project lists under a role what the role has.
    pub fn apply(&self, reader: &mut Reader<'_>, entry: &Entry, project: &Project) {
        let role = &*entry.key.value;
        let Some(acls) = self.of.get(role) else {
            return reader.leave(entry.key.span, format!("`{role}`: no file here has a role of that name"));
        };
        let items = match &entry.value.value {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        for node in items {
            let Some((mut keys, principal)) = party(reader, node, role) else { continue };
            let mut attributes = project.attributes.clone();
            for entry in keys.others() {
                let what = format!("`{}` of {}", entry.key.value, keys.what());
                if let Some(text) = text_of(&entry.value, &what, reader) {
                    attributes.push((entry.key.value.to_string(), text.to_owned()));
                }
            }
            keys.rest(reader);
            for acl in acls {
                let name = filled(acl.name, &attributes);
                if name.is_empty() {
                    reader.leave(acl.span, format!("{principal} says nothing that `{}` stands for", acl.name));
                    continue;
                }
                let (resource, pattern, permission) = acl.grant;
                let grant = Grant { principal: &principal, resource, name: &name, pattern, host: acl.host, permission };
                grant.allow(&[acl.operation], reader);
            }
        }
    }
}

fn template<'n>(reader: &mut Reader<'_>, node: &'n Node, role: &str) -> Option<Template<'n>> {
    let mut keys = Keys::of(node, format!("an ACL of the role {role}"), reader);
    let mut word = |key: &str, reader: &mut Reader<'_>| Some((keys.required(key, reader)?, keys.place(key)));
    let resource = word("resourceType", reader);
    let operation = word("operation", reader);
    let resource = resource.and_then(|(text, span)| acls::resource(text, span, reader));
    let operation = operation.and_then(|(text, span)| acls::operation(text, span, reader));
    // It may be a template: what it stands for is known where it is used.
    let name = keys.take("resourceName").and_then(Node::scalar);
    let pattern = match keys.text("patternType", reader) {
        Some(text) => acls::pattern(text, keys.place("patternType"), reader),
        None => Some(PatternType::Literal),
    };
    let permission = match keys.text("permissionType", reader) {
        Some(text) => acls::permission(text, keys.place("permissionType"), reader),
        None => Some(AclPermission::Allow),
    };
    let host = keys.text("host", reader).unwrap_or("*");
    if name.is_none() {
        reader.leave(node.span, format!("{} has no `resourceName`", keys.what()));
    }
    keys.rest(reader);
    Some(Template {
        name: name?,
        host,
        grant: (resource?, pattern?, permission?),
        operation: operation?,
        span: node.span,
    })
}
