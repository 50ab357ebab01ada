use std::fmt;

use crate::ports::kafka::{AclOperation, AclResourceType};

use AclOperation::{
    All, Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe, DescribeConfigs, DescribeTokens,
    IdempotentWrite, Read, TwoPhaseCommit, Write,
};

/// A set of operations.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations(u16);

impl Operations {
    /// No operation.
    pub const NONE: Self = Self(0);

    /// These operations.
    pub fn these(operations: &[AclOperation]) -> Self {
        Self(operations.iter().fold(0, |bits, operation| bits | bit(*operation)))
    }

    /// What can be asked of a resource of this type (`AclEntry.supportedOperations`).
    pub fn of(resource: AclResourceType) -> Self {
        Self::these(match resource {
            AclResourceType::Topic => &[Read, Write, Create, Delete, Alter, Describe, DescribeConfigs, AlterConfigs],
            AclResourceType::Group => &[Read, Delete, Describe, DescribeConfigs, AlterConfigs],
            AclResourceType::Cluster => {
                &[Create, Alter, Describe, ClusterAction, DescribeConfigs, AlterConfigs, IdempotentWrite]
            }
            AclResourceType::TransactionalId => &[Write, Describe, TwoPhaseCommit],
            AclResourceType::DelegationToken => &[Describe],
            AclResourceType::User => &[CreateTokens, DescribeTokens],
        })
    }

    /// What an allow with this operation allows: those that change or read something imply that it may be described.
    pub fn allowed_by(operation: AclOperation) -> Self {
        match operation {
            All => Self(u16::MAX),
            Read | Write | Delete | Alter => Self(bit(operation) | bit(Describe)),
            AlterConfigs => Self(bit(AlterConfigs) | bit(DescribeConfigs)),
            _ => Self(bit(operation)),
        }
    }

    /// What a deny with this operation denies: nothing beside it is implied.
    pub fn denied_by(operation: AclOperation) -> Self {
        match operation {
            All => Self(u16::MAX),
            _ => Self(bit(operation)),
        }
    }

    /// Whether an operation is among them.
    pub fn contains(self, operation: AclOperation) -> bool {
        self.0 & bit(operation) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and those.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in both.
    pub fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These without those.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Each of them, in Kafka's order.
    pub fn iter(self) -> impl Iterator<Item = AclOperation> {
        AclOperation::WORDS.iter().map(|(_, operation)| *operation).filter(move |operation| self.contains(*operation))
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(AclOperation::as_str)).finish()
    }
}

fn bit(operation: AclOperation) -> u16 {
    1 << operation as u16
}
