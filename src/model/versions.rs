//! stub
use pep440_rs::Version;
#[derive(Debug, Clone, Default)]
pub struct VersionSet(Vec<Version>);
impl VersionSet {
    pub fn versions(&self) -> &[Version] {
        &self.0
    }
}
#[derive(Debug, Clone, Default)]
pub struct Versions {
    a: VersionSet,
}
impl Versions {
    pub fn airflow(&self) -> &VersionSet {
        &self.a
    }
    pub fn package(&self, _: &str) -> &VersionSet {
        &self.a
    }
}
