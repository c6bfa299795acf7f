//! What the user sees.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Full,
    Concise,
    Json,
}
impl std::str::FromStr for Format {
    type Err = String;
    fn from_str(_: &str) -> Result<Self, String> {
        Ok(Self::Full)
    }
}
