//! Provenance of settings, and the notes on them.
use super::{SettingSource, Settings, Sourced};
use std::path::PathBuf;

impl Settings {
    /// Returns the name by which the cluster was reached: the profile with its endpoints, or the endpoints.
    #[must_use]
    pub fn name(&self) -> String {
        if let SettingSource::Profile { name, .. } = &self.endpoints.from {
            return format!("profile {name}");
        }
        let mut endpoints = self.endpoints.value.clone();
        endpoints.sort_unstable();
        endpoints.join(",")
    }

    /// Returns the notes that the operator should see first.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.unknown.iter().map(ToString::to_string).chain(self.warnings.iter().cloned())
    }

    /// Returns the notes that were not given for other settings already.
    pub fn notes_beside(&self, said: &Self) -> impl Iterator<Item = String> {
        let said: Vec<String> = said.notes().collect();
        self.notes().filter(move |note| !said.contains(note))
    }

    /// Returns a sentence with the profiles that there are, if none is used and nobody has named an etcd.
    #[must_use]
    pub fn unchosen(&self) -> Option<String> {
        if matches!(self.endpoints.from, SettingSource::Flag(_) | SettingSource::Env(_)) {
            return None;
        }
        match &self.unchosen[..] {
            [] => None,
            [one] => Some(format!("the profile {one} is there, and was not asked for: --profile {one}")),
            all => {
                Some(format!("profiles {} are there, and none was asked for: --profile NAME", listed(all)))
            }
        }
    }

    /// Returns the sources of the connection's settings, for a message that it failed: `endpoints from
    /// ETCDCTL_ENDPOINTS, CA and key from --cacert`. Settings from one source are listed together.
    #[must_use]
    pub fn provenance(&self) -> String {
        let file = |file: &Option<Sourced<PathBuf>>| file.as_ref().map(|file| file.from.clone());
        let parts = [
            ("endpoints", Some(self.endpoints.from.clone())),
            ("CA", file(&self.cacert)),
            ("certificate", file(&self.cert)),
            ("key", file(&self.key)),
            ("user", self.user.as_ref().map(|user| user.from.clone())),
        ];
        let mut told: Vec<(Vec<&str>, SettingSource)> = Vec::new();
        for (what, from) in parts {
            match (from, told.last_mut()) {
                (None, _) => {}
                (Some(from), Some((whats, last))) if *last == from => whats.push(what),
                (Some(from), _) => told.push((vec![what], from)),
            }
        }
        let told = told.into_iter().map(|(whats, from)| format!("{} from {from}", listed(&whats)));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Joins words as in `CA, certificate and key`.
fn listed<S: AsRef<str>>(whats: &[S]) -> String {
    let whats: Vec<&str> = whats.iter().map(AsRef::as_ref).collect();
    match &whats[..] {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
