use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::model::PatternType;
use crate::resources::acl::samples::{PRINCIPALS, TOPICS, acl, acls, principal};

/// The authorizer without any index: every ACL is looked at.
fn naive(
    acls: &[Acl],
    settings: &AuthorizerSettings,
    (who, host, operation): (&Principal, &str, AclOperation),
    name: &str,
) -> bool {
    if settings.super_users.contains(who) {
        return true;
    }
    let of_resource = |acl: &&Acl| {
        acl.resource == AclResourceType::Topic
            && match acl.pattern {
                PatternType::Literal => &*acl.name == "*" || &*acl.name == name,
                PatternType::Prefixed => name.starts_with(&*acl.name),
            }
    };
    let of_resource: Vec<&Acl> = acls.iter().filter(of_resource).collect();
    let speaks = |acl: &&&Acl| {
        (acl.principal == *who || acl.principal.as_str() == "User:*") && (acl.host == "*" || acl.host == host)
    };
    let denied = of_resource
        .iter()
        .filter(speaks)
        .any(|acl| acl.permission == AclPermission::Deny && [operation, AclOperation::All].contains(&acl.operation));
    let allowed = of_resource.iter().filter(speaks).any(|acl| {
        use AclOperation::{All, Alter, AlterConfigs, Delete, Describe, DescribeConfigs, Read, Write};
        let by = acl.operation;
        acl.permission == AclPermission::Allow
            && (by == operation
                || by == All
                || operation == Describe && [Read, Write, Delete, Alter].contains(&by)
                || operation == DescribeConfigs && by == AlterConfigs)
    });
    !denied && (allowed || of_resource.is_empty() && settings.allow_everyone_if_no_acl_found)
}

fn settings() -> impl Strategy<Value = AuthorizerSettings> {
    (vec(select(PRINCIPALS.to_vec()), 0..2), any::<bool>()).prop_map(|(users, open)| AuthorizerSettings {
        super_users: users.into_iter().filter(|name| *name != "*").map(principal).collect(),
        allow_everyone_if_no_acl_found: open,
    })
}

fn requests() -> impl Strategy<Value = (Principal, &'static str, AclOperation, &'static str)> {
    let operations: Vec<AclOperation> = Operations::of(AclResourceType::Topic).iter().collect();
    let who = select(PRINCIPALS.to_vec()).prop_map(principal);
    (who, select(vec!["10.0.0.1", "10.0.0.2"]), select(operations), select(TOPICS.to_vec()))
}

fn may(authorizer: &Authorizer<'_>, request: &(Principal, &str, AclOperation, &str)) -> bool {
    let (who, host, operation, name) = request;
    authorizer.may(who, host, *operation, AclResourceType::Topic, Target::Name(name)).allowed
}

proptest! {
    #[test]
    fn the_index_decides_as_looking_at_every_acl_does(acls in acls(), settings in settings(), request in requests()) {
        let (who, host, operation, name) = &request;
        let expected = naive(&acls, &settings, (who, host, *operation), name);
        let authorizer = Authorizer::new(&acls, &settings);
        prop_assert_eq!(may(&authorizer, &request), expected);
        let every = authorizer.operations(who, host, AclResourceType::Topic, Target::Name(name));
        prop_assert_eq!(every.contains(*operation), expected);
    }

    #[test]
    fn a_super_user_may_do_everything(acls in acls(), request in requests(), open in any::<bool>()) {
        // No client is called `User:*`.
        let who = if request.0.is_everybody() { principal("alpha") } else { request.0 };
        let request = (who, request.1, request.2, request.3);
        let super_users = BTreeSet::from([request.0.clone()]);
        let settings = AuthorizerSettings { super_users, allow_everyone_if_no_acl_found: open };
        prop_assert!(may(&Authorizer::new(&acls, &settings), &request));
    }

    #[test]
    fn one_more_allow_takes_nothing_from_anybody(acls in acls(), more in acl(), request in requests()) {
        let settings = AuthorizerSettings::default();
        let more = Acl { permission: AclPermission::Allow, ..more };
        let before = may(&Authorizer::new(&acls, &settings), &request);
        let after = may(&Authorizer::new(acls.iter().chain([&more]), &settings), &request);
        prop_assert!(after || !before);
    }

    #[test]
    fn a_deny_wins(acls in acls(), settings in settings(), request in requests(), prefix in 0_usize..3) {
        let (who, host, operation, name) = &request;
        let (name, pattern) = match prefix {
            0 => (*name, PatternType::Literal),
            1 => (&name[..1], PatternType::Prefixed),
            _ => ("*", PatternType::Literal),
        };
        let deny = Acl {
            resource: AclResourceType::Topic,
            name: name.into(),
            pattern,
            principal: who.clone(),
            host: (*host).to_owned().into(),
            operation: *operation,
            permission: AclPermission::Deny,
        };
        let authorizer = Authorizer::new(acls.iter().chain([&deny]), &settings);
        prop_assert_eq!(may(&authorizer, &request), settings.is_super_user(who));
    }
}

#[test]
fn a_decision_names_the_acl_that_decides() {
    let allow = Acl { operation: AclOperation::Read, ..sample("media.", PatternType::Prefixed) };
    let deny =
        Acl { operation: AclOperation::Write, permission: AclPermission::Deny, ..sample("*", PatternType::Literal) };
    let settings = AuthorizerSettings::default();
    let acls = [allow, deny];
    let authorizer = Authorizer::new(&acls, &settings);
    let ask = |operation, name| {
        authorizer.may(&principal("alpha"), "h", operation, AclResourceType::Topic, Target::Name(name))
    };
    let by = |allowed, acl| Decision { allowed, because: Because::Acl(acl) };
    assert_eq!(ask(AclOperation::Describe, "media.x"), by(true, &acls[0]));
    assert_eq!(ask(AclOperation::Write, "media.x"), by(false, &acls[1]));
    assert_eq!(ask(AclOperation::Read, "audit.x"), Decision { allowed: false, because: Because::Default });
}

#[test]
fn open_is_only_what_no_acl_of_anybody_speaks_of() {
    let settings = AuthorizerSettings { allow_everyone_if_no_acl_found: true, ..Default::default() };
    let of_others = [Acl { principal: principal("beta"), ..sample("a", PatternType::Literal) }];
    let authorizer = Authorizer::new(&of_others, &settings);
    let ask = |name| {
        let (read, topic) = (AclOperation::Read, AclResourceType::Topic);
        authorizer.may(&principal("alpha"), "h", read, topic, Target::Name(name)).allowed
    };
    assert_eq!([ask("a"), ask("b")], [false, true]);
}

fn sample(name: &str, pattern: PatternType) -> Acl {
    Acl {
        resource: AclResourceType::Topic,
        name: name.into(),
        pattern,
        principal: principal("alpha"),
        host: "*".into(),
        operation: AclOperation::All,
        permission: AclPermission::Allow,
    }
}
