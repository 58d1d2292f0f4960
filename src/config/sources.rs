//! Sources in which each value is looked for: flag, environment, profile.
use super::{
    ConfigError, Environment, Flags, Profile, Profiles, SettingSource, Sourced, UnknownWord, UserFlag,
    discovered::Discovered, duration, endpoint, profile,
};
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

/// Profile that this session uses.
pub(super) struct ChosenProfile {
    file: PathBuf,
    pub(super) name: String,
    pub(super) profile: Profile,
}

impl ChosenProfile {
    /// Returns the profile that is meant, or all that there are. The words beside the profiles are returned either way.
    pub(super) fn find(
        flags: &Flags,
        env: &impl Environment,
    ) -> Result<(Option<Self>, Unchosen), ConfigError> {
        let asked = match &flags.profile {
            Some(name) => Some(name.clone()),
            None => env.text("COREDECK_PROFILE")?,
        };
        let Profiles { mut all, unknown, file } = Profiles::read(env)?;
        let name = asked.clone().unwrap_or_else(|| profile::DEFAULT.to_owned());
        match (all.remove(&name), asked) {
            (Some((file, profile)), _) => {
                let chosen = Self { file, name, profile };
                Ok((Some(chosen), Unchosen { unknown, ..Unchosen::default() }))
            }
            (None, None) => Ok((None, Unchosen { profiles: all.into_keys().collect(), unknown })),
            (None, Some(name)) => {
                let known = all.into_keys().collect();
                Err(ConfigError::NoSuchProfile { name, file, known, unknown })
            }
        }
    }
}

/// Rest of the profile files, beside the profile that is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Unchosen {
    /// All profiles, if none is used.
    pub(super) profiles: Vec<String>,
    /// The words that stand in no profile.
    pub(super) unknown: Vec<UnknownWord>,
}

/// Sources of values, behind the flags.
pub(super) struct Sources<'a, E> {
    pub(super) env: &'a E,
    pub(super) chosen: Option<&'a ChosenProfile>,
}

impl<E: Environment> Sources<'_, E> {
    pub(super) fn text(
        &self,
        flag: &'static str,
        given: Option<&String>,
        variable: &'static str,
        of_profile: impl Fn(&Profile) -> Option<String>,
    ) -> Result<Option<Sourced<String>>, ConfigError> {
        if let Some(value) = given {
            let from = SettingSource::Flag(flag);
            if value.is_empty() && flag != "--prefix" {
                return Err(ConfigError::Empty { what: flag, from });
            }
            return Ok(Some(Sourced { value: value.clone(), from }));
        }
        if let Some(value) = self.env.text(variable)? {
            return Ok(Some(Sourced { value, from: SettingSource::Env(variable) }));
        }
        Ok(self.of_profile(of_profile))
    }

    /// Looks for a path, which need not be text.
    pub(super) fn file(
        &self,
        flag: &'static str,
        given: Option<&PathBuf>,
        variable: &'static str,
        of_profile: impl Fn(&Profile) -> Option<&PathBuf>,
    ) -> Result<Option<Sourced<PathBuf>>, ConfigError> {
        if let Some(value) = given {
            let from = SettingSource::Flag(flag);
            if value.as_os_str().is_empty() {
                return Err(ConfigError::Empty { what: flag, from });
            }
            return Ok(Some(Sourced { value: value.clone(), from }));
        }
        if let Some(value) = self.env.variable(variable).filter(|value| !value.is_empty()) {
            return Ok(Some(Sourced { value: value.into(), from: SettingSource::Env(variable) }));
        }
        Ok(self.of_profile(|profile| of_profile(profile).cloned()))
    }

    pub(super) fn of_profile<T>(&self, get: impl FnOnce(&Profile) -> Option<T>) -> Option<Sourced<T>> {
        let chosen = self.chosen?;
        let from = SettingSource::Profile { file: chosen.file.clone(), name: chosen.name.clone() };
        Some(Sourced { value: get(&chosen.profile)?, from })
    }

    pub(super) fn endpoints(
        &self,
        flags: &Flags,
        corefile: Option<&Discovered>,
        tls: bool,
    ) -> Result<Sourced<Vec<String>>, ConfigError> {
        self.text("--endpoints", flags.endpoints.as_ref(), "ETCDCTL_ENDPOINTS", |p| {
            Some(p.endpoints.as_ref()?.join(","))
        })?
        .or_else(|| corefile?.endpoints())
        .unwrap_or_else(|| by_default(endpoint::DEFAULT.to_owned()))
        .try_map(|text, from| {
            let tls = tls
                || matches!(from, SettingSource::Corefile { .. })
                    && corefile.is_some_and(Discovered::asks_for_tls);
            endpoint::parsed(&text, from, tls)
        })
    }

    pub(super) fn duration(
        &self,
        flag: &'static str,
        given: Option<&String>,
        variable: &'static str,
    ) -> Result<Option<Sourced<Duration>>, ConfigError> {
        let Some(text) = self.text(flag, given, variable, |_| None)? else { return Ok(None) };
        text.try_map(|text, from| {
            duration::parse(&text).map_err(|reason| ConfigError::BadValue {
                what: "the time",
                text,
                from: from.clone(),
                reason,
            })
        })
        .map(Some)
    }

    /// Returns the user, and the password if the environment has it, which is the only source for one.
    pub(super) fn login(
        &self,
        flags: &Flags,
        of_corefile: impl FnOnce() -> Option<Sourced<String>>,
    ) -> Result<(Option<Sourced<String>>, Option<SecretString>), ConfigError> {
        let in_the_open = |place: &str| Err(ConfigError::PasswordInTheOpen { place: place.to_owned() });
        let alone = self.env.text("ETCDCTL_PASSWORD")?.map(SecretString::from);
        let (user, password) = match &flags.user {
            // If the password is given apart, a colon is a part of the name (etcdctl/ctlv3/command/global.go).
            Some(UserFlag::WithColon(text)) if alone.is_some() => {
                (Some(Sourced { value: text.as_name(), from: SettingSource::Flag("--user") }), alone)
            }
            Some(UserFlag::WithColon(_)) => return in_the_open("--user"),
            Some(UserFlag::Name(name)) => {
                (Some(Sourced { value: name.clone(), from: SettingSource::Flag("--user") }), alone)
            }
            None => match self.env.text("ETCDCTL_USER")? {
                Some(text) => {
                    let (name, password) = match text.split_once(':') {
                        Some((name, password)) if alone.is_none() => {
                            (name, Some(SecretString::from(password)))
                        }
                        _ => (text.as_str(), alone),
                    };
                    (
                        Some(Sourced { value: name.to_owned(), from: SettingSource::Env("ETCDCTL_USER") }),
                        password,
                    )
                }
                None => match self.of_profile(|p| p.user.clone()) {
                    Some(user) if user.value.contains(':') && alone.is_none() => {
                        return in_the_open(&user.from.to_string());
                    }
                    user => (user.or_else(of_corefile), alone),
                },
            },
        };
        match &user {
            Some(user) if user.value.is_empty() => {
                Err(ConfigError::Empty { what: "the user", from: user.from.clone() })
            }
            // A password without a user is meant for another login: etcdctl ignores it as well.
            Some(_) => Ok((user, password)),
            None => Ok((None, None)),
        }
    }
}

/// Returns a value that nobody has set.
pub(super) fn by_default<T>(value: T) -> Sourced<T> {
    Sourced { value, from: SettingSource::Default }
}
