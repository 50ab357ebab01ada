//! shim
use crate::model::Subject;
use crate::ports::Failure;
use crate::ports::registry::*;
use crate::schema::Compatibility;
use std::time::Duration;
pub struct RegistryClient;
impl Registry for RegistryClient {
    fn server(&self) -> &str {
        ""
    }
    async fn info(&self) -> Result<RegistryInfo, Failure> {
        Ok(RegistryInfo { compatibility: None, mode: None })
    }
    async fn subjects(&self) -> Result<Vec<Subject>, Failure> {
        Ok(vec![])
    }
    async fn latest(&self, s: &[Subject]) -> Vec<Result<Option<RegisteredSchema>, Failure>> {
        s.iter().map(|_| Ok(None)).collect()
    }
    async fn compatibility(&self, s: &[Subject]) -> Vec<Result<Option<String>, Failure>> {
        s.iter().map(|_| Ok(None)).collect()
    }
    async fn version(&self, _: &Subject, _: u32) -> Result<Option<RegisteredSchema>, Failure> {
        Ok(None)
    }
    async fn check(&self, _: &Subject, _: &NewSchema) -> Result<Verdict, Failure> {
        Ok(Verdict { compatible: true, messages: vec![] })
    }
    async fn register(&self, _: &Subject, _: &NewSchema) -> Result<u32, Failure> {
        Ok(1)
    }
    async fn set_compatibility(&self, _: &Subject, _: Compatibility) -> Result<(), Failure> {
        Ok(())
    }
}
pub async fn open(_: Duration) -> Result<RegistryClient, Failure> {
    Ok(RegistryClient)
}
