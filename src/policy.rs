//! shim
use crate::diag::Diagnostic;
use crate::model::Date;
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
pub struct Rule {
    pub code: &'static str,
}
pub fn check(_: &Workspace, _: &[&ClusterSpec]) -> Vec<Diagnostic> {
    Vec::new()
}
pub fn apply_levels(f: Vec<Diagnostic>, _: &Workspace, _: Date) -> Vec<Diagnostic> {
    f
}
pub fn apply_levels_to_part(f: Vec<Diagnostic>, _: &Workspace, _: Date) -> Vec<Diagnostic> {
    f
}
pub fn rule(_: &str) -> Option<&'static Rule> {
    None
}
pub fn rules() -> &'static [Rule] {
    &[]
}
pub fn page() -> String {
    String::new()
}
impl Rule {
    pub fn page(&self) -> String {
        String::new()
    }
}
