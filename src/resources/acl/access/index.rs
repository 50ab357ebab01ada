use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::model::{PatternType, Principal};
use crate::ports::kafka::{Acl, AclResourceType};

/// The resources that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target<'n> {
    /// One, by its name.
    Name(&'n str),
    /// Any whose name starts so and that no longer pattern matches; with an empty prefix, any that only `*` matches.
    Under(&'n str),
}

impl<'n> Target<'n> {
    /// The resources that an ACL's pattern means.
    pub fn of(acl: &'n Acl) -> Self {
        match (acl.pattern, &*acl.name) {
            (PatternType::Literal, "*") => Self::Under(""),
            (PatternType::Literal, name) => Self::Name(name),
            (PatternType::Prefixed, prefix) => Self::Under(prefix),
        }
    }

    fn text(self) -> &'n str {
        match self {
            Self::Name(text) | Self::Under(text) => text,
        }
    }
}

/// ACLs, found by resource and principal.
#[derive(Debug)]
pub struct Index<'a> {
    /// In their own order: by resource, name, pattern, principal.
    acls: Vec<&'a Acl>,
    /// Where those of one pattern stand.
    patterns: HashMap<(AclResourceType, PatternType, &'a str), Range<usize>>,
    /// How long prefixes are.
    lengths: HashMap<AclResourceType, BTreeSet<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(acls: impl IntoIterator<Item = &'a Acl>) -> Self {
        let mut acls: Vec<&Acl> = acls.into_iter().collect();
        acls.sort_unstable();
        acls.dedup();
        let mut patterns: HashMap<_, Range<usize>> = HashMap::new();
        let mut lengths: HashMap<_, BTreeSet<usize>> = HashMap::new();
        for (place, acl) in acls.iter().enumerate() {
            patterns.entry((acl.resource, acl.pattern, &*acl.name)).or_insert(place..place).end = place + 1;
            if acl.pattern == PatternType::Prefixed {
                lengths.entry(acl.resource).or_default().insert(acl.name.len());
            }
        }
        Self { acls, patterns, lengths }
    }

    /// The ACLs whose pattern matches, one slice for each pattern: that of the name itself, then prefixes, then `*`.
    pub fn matching<'s>(
        &'s self,
        resource: AclResourceType,
        target: Target<'s>,
    ) -> impl Iterator<Item = &'s [&'a Acl]> + 's {
        let text = target.text();
        let own = match target {
            Target::Name(name) if name != "*" => self.pattern(resource, PatternType::Literal, name),
            Target::Name(_) | Target::Under(_) => None,
        };
        let lengths = self.lengths.get(&resource).into_iter().flat_map(move |lengths| lengths.range(..=text.len()));
        let prefixes = lengths.filter_map(move |length| text.get(..*length));
        own.into_iter()
            .chain(prefixes.filter_map(move |prefix| self.pattern(resource, PatternType::Prefixed, prefix)))
            .chain(self.pattern(resource, PatternType::Literal, "*"))
    }

    /// Those of the matching ACLs that name one of these.
    pub(super) fn naming<'s>(
        &'s self,
        principals: [Option<&'s Principal>; 2],
        resource: AclResourceType,
        target: Target<'s>,
    ) -> impl Iterator<Item = &'a Acl> + 's {
        self.matching(resource, target).flat_map(move |acls| {
            principals.into_iter().flatten().flat_map(move |principal| of_principal(acls, principal)).copied()
        })
    }

    /// The matching ACLs whose pattern is narrower than `than`.
    pub fn narrower<'s>(
        &'s self,
        resource: AclResourceType,
        name: &'s str,
        than: &str,
    ) -> impl Iterator<Item = &'s [&'a Acl]> + 's {
        let least = than.len();
        self.matching(resource, Target::Name(name)).filter(move |acls| match acls.first() {
            Some(acl) if acl.pattern == PatternType::Prefixed => acl.name.len() > least,
            Some(acl) => &*acl.name != "*",
            None => false,
        })
    }

    /// Whether an ACL that is `wanted` lies within a prefix: on a name or a longer prefix that starts so.
    pub fn any_within(&self, resource: AclResourceType, prefix: &str, wanted: impl Fn(&Acl) -> bool) -> bool {
        let from = self.acls.partition_point(|acl| (acl.resource, &*acl.name) < (resource, prefix));
        let mut within = self.acls[from..]
            .iter()
            .take_while(|acl| acl.resource == resource && acl.name.starts_with(prefix))
            .filter(|acl| match acl.pattern {
                PatternType::Prefixed => acl.name.len() > prefix.len(),
                PatternType::Literal => &*acl.name != "*",
            });
        within.any(|acl| wanted(acl))
    }

    fn pattern(&self, resource: AclResourceType, pattern: PatternType, name: &str) -> Option<&[&'a Acl]> {
        let place = self.patterns.get(&(resource, pattern, name))?;
        self.acls.get(place.clone())
    }
}

/// The part of one pattern's ACLs that names this principal.
fn of_principal<'s, 'a>(acls: &'s [&'a Acl], principal: &Principal) -> &'s [&'a Acl] {
    let from = acls.partition_point(|acl| acl.principal < *principal);
    let length = acls[from..].partition_point(|acl| acl.principal == *principal);
    &acls[from..from + length]
}
