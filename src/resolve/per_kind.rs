//! One of something for each kind of thing that a backend is asked for.

use crate::model::Kind;

/// One `T` for variables, one for connections, one for options.
#[derive(Clone, Debug)]
pub(super) struct PerKind<T> {
    variable: T,
    connection: T,
    config: T,
}

impl<T> PerKind<T> {
    /// Makes each by `make`, in the order in which constructors do.
    ///
    /// # Errors
    /// The first that `make` gives.
    pub(super) fn try_new<E>(mut make: impl FnMut(Kind) -> Result<T, E>) -> Result<Self, E> {
        let connection = make(Kind::Connection)?;
        let variable = make(Kind::Variable)?;
        Ok(Self { variable, connection, config: make(Kind::Config)? })
    }

    /// The one of `kind`.
    #[must_use]
    pub(super) const fn get(&self, kind: Kind) -> &T {
        match kind {
            Kind::Variable => &self.variable,
            Kind::Connection => &self.connection,
            Kind::Config => &self.config,
        }
    }
}
