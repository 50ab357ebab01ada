use crate::model::{ConsulServiceTemplate, PkiRoleTemplate};
use crate::source::{Spanned, manifest};

manifest! {
    "`identities`"
    /// Who hands out the identities of services. A service that neither of those that are named knows has none.
    pub struct IdentitiesSpec {
        /// The role of Vault's PKI that issues a service's certificate: `pki/issue/{service}`.
        vault: Option<Spanned<PkiRoleTemplate>>,
        /// What a service is called in the Consul of the cluster: `{service}`.
        consul: Option<Spanned<ConsulServiceTemplate>>,
    }
}
