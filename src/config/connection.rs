use super::{
    ConfigError, Discovery, Environment, Flags, SettingSource, SettingsChoice, Sourced,
    discovered::Discovered, endpoint, sources::Sources,
};
use std::path::PathBuf;

/// Endpoints of etcd, and the certificates for them.
#[derive(Debug)]
pub(super) struct ConnectionSettings {
    pub(super) endpoints: Sourced<Vec<String>>,
    /// CA, certificate and key. They belong together: they come from one place.
    pub(super) files: [Option<Sourced<PathBuf>>; 3],
    pub(super) taken: SettingsChoice,
}

impl ConnectionSettings {
    /// Finds the connection; `files` are those that somebody has named.
    pub(super) fn find<E: Environment>(
        from: &Sources<'_, E>,
        flags: &Flags,
        corefile: Option<&Discovered>,
        files: [Option<Sourced<PathBuf>>; 3],
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let named = files.iter().flatten().next().map(|file| file.from.clone());
        let tls = named.is_some();
        let endpoints = from.endpoints(flags, corefile, tls)?;
        let files = match corefile {
            Some(corefile) if !tls => corefile.tls(&endpoints),
            _ => files,
        };
        if tls && endpoints.value.iter().any(|endpoint| endpoint.starts_with("http://")) {
            warnings
                .push("certificates are given, and an endpoint with http:// makes no use of them".to_owned());
        }
        let named =
            if endpoints.from == SettingSource::Default { named.as_ref() } else { Some(&endpoints.from) };
        let root = if flags.demo { None } else { from.env.root() };
        let discovery = root.map(|root| Discovery::look(&root)).unwrap_or_default();
        let (taken, found) = SettingsChoice::from(discovery, named);
        let Some(found) = found else { return Ok(Self { endpoints, files, taken }) };
        warnings.extend(found.warning);
        let tls = found.cacert.is_some();
        let endpoints = found.endpoints.try_map(|text, from| endpoint::parsed(&text, from, tls))?;
        Ok(Self { endpoints, files: [found.cacert, found.cert, found.key], taken })
    }
}
