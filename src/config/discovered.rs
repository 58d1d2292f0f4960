//! Corefile as a source of settings, used if flag, environment and profile say nothing.
use super::{
    ConfigError, Environment, Flags, SettingSource, Sourced,
    corefile::{Corefile, CorefilePlace, Disk, EtcdBlock, SamePathBlocks},
    sources::Sources,
};
use crate::{dns::Name, foreign_text::ForeignText, keys::Scope};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The name that stands for no Corefile, not even one that would be found. A file of that name is `./none`.
const NONE: &str = "none";

/// The name that stands for the standard input, as from `kubectl get configmap`.
const STDIN: &str = "-";

/// Corefile with the part of it that this session is about.
#[derive(Debug)]
pub(super) struct Discovered {
    corefile: Arc<Corefile>,
    /// True if somebody named this Corefile; else it was found.
    named: bool,
    served: Option<SamePathBlocks>,
}

impl Discovered {
    /// Reads the named Corefile, or the one of this machine. A Corefile that was only found is not used if a profile
    /// names its own etcd, because it is about another cluster then. The demo takes only one that its own command line
    /// names.
    ///
    /// # Errors
    /// [`ConfigError::FileUnreadable`] for a named Corefile.
    pub(super) fn find<E: Environment>(
        from: &Sources<'_, E>,
        flags: &Flags,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let named =
            from.file("--corefile", flags.corefile.as_ref(), "COREDECK_COREFILE", |p| p.corefile.as_ref())?;
        let named = named.filter(|file| !flags.demo || matches!(file.from, SettingSource::Flag(_)));
        if named.as_ref().is_some_and(|file| file.value == Path::new(NONE)) {
            return Ok(None);
        }
        let is_named = named.is_some();
        let other_cluster = from.chosen.is_some_and(|chosen| chosen.profile.endpoints.is_some());
        let path = match named {
            Some(path) => path.value,
            None if flags.demo || other_cluster => return Ok(None),
            None => match from.env.corefile() {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        let variable = |name: &str| from.env.variable(name).map(|value| value.to_string_lossy().into_owned());
        let read = if is_named && path == Path::new(STDIN) {
            let text = from.env.standard_input();
            text.and_then(|text| Corefile::of(Path::new("standard input"), text, &Disk, &variable))
        } else {
            Corefile::read(&absolute(&path), &Disk, &variable)
        };
        let corefile = match read {
            Ok(corefile) => Arc::new(corefile),
            Err(error) if is_named && error.kind() == io::ErrorKind::NotFound => {
                return Err(ConfigError::NoSuchFile { file: path, option: "--corefile" });
            }
            Err(error) if is_named => {
                return Err(ConfigError::FileUnreadable { file: path, reason: error.to_string() });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                warnings.push(format!(
                    "{} cannot be read ({error}), so which keys CoreDNS serves from where is not known",
                    path.display()
                ));
                return Ok(None);
            }
        };
        let shown = |text: String| ForeignText::from(text.as_str()).to_string();
        warnings.extend(corefile.notes.iter().map(|note| shown(note.to_string())));
        if corefile.etcd_blocks().next().is_none() {
            let path = corefile.path.display();
            warnings
                .push(shown(format!("{path} has no etcd block: a CoreDNS with it serves nothing from etcd")));
        }
        Ok(Some(Self { corefile, named: is_named, served: None }))
    }

    /// Chooses the session's block: that of this prefix, or the first.
    pub(super) fn choose(&mut self, prefix: Option<&Sourced<Scope>>, warnings: &mut Vec<String>) {
        let path = self.corefile.path.display();
        self.served = SamePathBlocks::choose(&self.corefile, prefix.map(|prefix| &prefix.value));
        match (&self.served, prefix) {
            (None, Some(prefix)) if self.corefile.etcd_blocks().next().is_some() => {
                warnings.push(format!(
                    "no etcd block of {path} reads {} (from {}), so a CoreDNS with it serves none of these keys",
                    prefix.value, prefix.from
                ));
            }
            (Some(served), None) => {
                for other in served.others() {
                    let other_path = ForeignText::from(other.path.0.as_str());
                    warnings.push(format!(
                        "this session is about the etcd block of {} (path {}); that of {} reads {other_path} or another \
                         etcd, and is looked at with --prefix or --endpoints",
                        served.block().at, ForeignText::from(served.block().path.0.as_str()), other.at,
                    ));
                }
            }
            _ => {}
        }
    }

    pub(super) fn served(&self) -> Option<&SamePathBlocks> {
        self.served.as_ref()
    }

    /// Returns the block that names etcd's endpoints, even if none reads this session's prefix.
    fn connection(&self) -> Option<&EtcdBlock> {
        self.served
            .as_ref()
            .map(SamePathBlocks::block)
            .or_else(|| self.corefile.etcd_blocks().next().map(|(_, block)| block))
    }

    pub(super) fn prefix(&self) -> Option<Sourced<String>> {
        let (path, at) = &self.served.as_ref()?.block().path;
        Some(sourced(path.clone(), at))
    }

    pub(super) fn zones(&self) -> Option<Sourced<Vec<Name>>> {
        let served = self.served.as_ref()?;
        Some(sourced(served.zones(), &served.block().at))
    }

    pub(super) fn endpoints(&self) -> Option<Sourced<String>> {
        let (endpoints, at) = &self.connection()?.endpoints;
        Some(sourced(endpoints.join(","), at))
    }

    /// Tells whether the block's login and certificates fit: a Corefile that was only found is about its own etcd.
    fn fits(&self, endpoints: &Sourced<Vec<String>>) -> bool {
        self.named || matches!(endpoints.from, SettingSource::Corefile { .. })
    }

    pub(super) fn user(&self, endpoints: &Sourced<Vec<String>>) -> Option<Sourced<String>> {
        let (user, at) = self.connection()?.user.as_ref().filter(|_| self.fits(endpoints))?;
        Some(sourced(user.clone(), at))
    }

    /// Tells whether the block asks for TLS: `CoreDNS` ignores its `tls` line if the first endpoint is of plain http.
    pub(super) fn asks_for_tls(&self) -> bool {
        self.connection().is_some_and(|block| {
            let plain = block.endpoints.0.first().is_some_and(|endpoint| endpoint.starts_with("http://"));
            block.tls.is_some() && !plain
        })
    }

    /// Returns CA, certificate and key.
    pub(super) fn tls(&self, endpoints: &Sourced<Vec<String>>) -> [Option<Sourced<PathBuf>>; 3] {
        let block = self.connection().filter(|_| self.asks_for_tls() && self.fits(endpoints));
        let Some((tls, at)) = block.and_then(|block| block.tls.as_ref()) else { return [None, None, None] };
        [&tls.ca, &tls.cert, &tls.key].map(|file| Some(sourced(file.clone()?, at)))
    }
}

fn sourced<T>(value: T, at: &CorefilePlace) -> Sourced<T> {
    Sourced { value, from: SettingSource::Corefile { file: at.file.clone(), line: at.line } }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
