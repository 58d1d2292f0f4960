use super::{RecipeError, UserPermissions};
use crate::keys::{Scope, spelling::Spelled};

/// Object that etcd has under a name already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Existing<T> {
    Nothing,
    There(T),
    /// This credential may not look, or nobody has looked.
    #[default]
    Hidden,
}

/// State of the role and the user of a [`Recipe`](super::Recipe) before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Already {
    pub role: Existing<UserPermissions>,
    /// The user's roles.
    pub user: Existing<Vec<String>>,
}

impl Already {
    /// Tells whether the role has to be made, and whether it has to be granted the scope.
    ///
    /// # Errors
    /// The role grants something else: the lines would not take that away.
    pub(super) fn role_needs(&self, role: &str, scope: &Scope) -> Result<(bool, bool), RecipeError> {
        match &self.role {
            Existing::Nothing | Existing::Hidden => Ok((true, true)),
            Existing::There(grants) if grants.are_exactly(scope) => Ok((false, false)),
            Existing::There(grants) if grants.readable().is_empty() && grants.writable().is_empty() => {
                Ok((false, true))
            }
            Existing::There(_) => Err(RecipeError {
                what: "the role",
                name: role.to_owned(),
                why: "it is there already and grants something else (etcdctl role get shows it)",
            }),
        }
    }

    /// Tells whether the user has to be made, and whether it has to be granted the role.
    ///
    /// # Errors
    /// The user has another role.
    pub(super) fn user_needs(&self, user: &str, role: &str) -> Result<(bool, bool), RecipeError> {
        match &self.user {
            Existing::Nothing | Existing::Hidden => Ok((true, true)),
            Existing::There(roles) if roles.iter().any(|has| has != role) => Err(RecipeError {
                what: "the user",
                name: user.to_owned(),
                why: "it is there already and has another role (etcdctl user get shows it)",
            }),
            Existing::There(roles) => Ok((false, roles.is_empty())),
        }
    }

    /// Names the role and the user that exist and are left as they are, or could not be looked at.
    pub(super) fn in_words(&self, user: &str, role: &str) -> Vec<String> {
        let (user, role) = (Spelled(user.as_bytes()), Spelled(role.as_bytes()));
        let mut words = Vec::new();
        if matches!(self.role, Existing::There(_)) {
            words.push(format!("The role {role} is there already."));
        }
        if matches!(self.user, Existing::There(_)) {
            words.push(format!("The user {user} is there already, and keeps its password, if it has one."));
        }
        if self.role == Existing::Hidden || self.user == Existing::Hidden {
            words.push(format!(
                "Whether {role} and {user} are there already this credential may not see: stop at a line that says so, \
                 because what is there may grant more."
            ));
        }
        words
    }
}
