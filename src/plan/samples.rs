//! Changes and plans for tests.

use super::{Action, Change, FieldChange, FieldValue, Plan, Summary, Verification};
use crate::model::{Address, Risk};

/// A safe change that nothing is known of.
pub fn change(address: Address, action: Action, fields: Vec<FieldChange>) -> Change {
    Change {
        address,
        action,
        fields,
        risk: Risk::Safe,
        impact: Vec::new(),
        measured: None,
        access: Vec::new(),
        fingerprint: "3f2a".into(),
        verification: Verification::offline(),
        place: None,
        depends_on: Vec::new(),
        steps: Vec::new(),
    }
}

/// A field with plain values.
pub fn field(name: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange {
        field: name.into(),
        before: before.map(FieldValue::plain),
        after: after.map(FieldValue::plain),
        place: None,
    }
}

/// A plan of these changes.
pub fn plan_of(changes: Vec<Change>) -> Plan {
    Plan {
        format_version: 1,
        cluster: "production".into(),
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".into(),
        desired_digest: "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab".into(),
        complete: true,
        summary: Summary::of(&changes),
        changes,
        incomplete: Vec::new(),
        unmanaged: Vec::new(),
        findings: Vec::new(),
        reassignment: None,
        not_undone: Vec::new(),
        selected: None,
    }
}
