//! Domain types that cannot hold a wrong value.

mod address;
mod amounts;
mod commit;
mod consul;
mod date;
mod event_rate;
mod glob;
mod names;
mod numbers;
mod pattern;
mod principal;
mod risk;
mod secret;
mod secret_template;
mod timestamp;
mod topic_id;
mod units;
mod vault_ref;

pub use address::{Address, AddressError, Kind};
pub use amounts::{AmountError, Frequency, Share};
pub use commit::Commit;
pub use consul::{ConsulServiceTemplate, KeyPrefix};
pub use date::{Date, DateError};
pub use event_rate::EventRate;
pub use glob::{AddressGlob, AddressGlobError};
pub use names::{ClusterName, GroupId, Label, Name, Rotation, Subject, TopicName};
pub use numbers::{about_bytes, about_time, counted, thousands};
pub use pattern::{Pattern, PatternType};
pub use principal::{Principal, PrincipalTemplate};
pub use risk::Risk;
pub use secret::{Secret, SecretForms, SecretRef};
pub use secret_template::SecretRefTemplate;
pub use timestamp::{Timestamp, TimestampError};
pub use topic_id::{TopicId, TopicIdError};
pub use units::{Bytes, Duration, Percent, Rate, UnitError};
pub use vault_ref::{PkiRole, PkiRoleTemplate, VaultRef, is_vault_path};
