//! Profiles of clusters in `config.toml`. The file holds no secrets.
use super::{Colour, ConfigError, UnknownWord, file_owner};
use crate::{foreign_text::ForeignText, plain_file};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The most bytes of a file.
const MOST: u64 = plain_file::MIB;

/// The profile that is used if none is asked for.
pub(super) const DEFAULT: &str = "default";

/// The settings of a profile.
pub(super) const KEYS: [&str; 15] = [
    "cacert",
    "cert",
    "cluster_id",
    "colour",
    "corefile",
    "dns_servers",
    "endpoints",
    "key",
    "label",
    "prefix",
    "read_only",
    "rescue_all",
    "user",
    "verify_after",
    "zones",
];

/// Profiles of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileFile {
    pub path: PathBuf,
    pub profiles: BTreeMap<String, Profile>,
    /// The unknown words of the file beside its profiles.
    pub unknown: Vec<UnknownWord>,
}

/// Profile as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub endpoints: Option<Vec<String>>,
    pub cacert: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub user: Option<String>,
    pub prefix: Option<String>,
    pub zones: Option<Vec<String>>,
    /// The path of CoreDNS's configuration.
    pub corefile: Option<PathBuf>,
    /// The servers that `verify` asks: addresses, with or without a port.
    pub dns_servers: Option<Vec<String>>,
    /// True if those servers are asked after each change whether they give the new answers.
    pub verify_after: Option<bool>,
    /// The cluster that the profile is for, 16 hexadecimal digits. Any other cluster is read-only.
    pub cluster_id: Option<String>,
    pub read_only: Option<bool>,
    /// True if the deck saves all of etcd as it was after a mass deletion, keys of others too, without being asked.
    pub rescue_all: Option<bool>,
    /// The header's name for this cluster: `production, Oslo`.
    pub label: Option<String>,
    /// The colour of the label.
    pub colour: Option<Colour>,
    /// The words of the profile that this program does not know.
    pub unknown: Vec<UnknownWord>,
}

impl ProfileFile {
    /// Reads the file; one that does not exist has no profiles.
    ///
    /// # Errors
    /// [`ConfigError::FileUnreadable`], [`ConfigError::FileOfOthers`] and [`ConfigError::FileWrong`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |error: io::Error| ConfigError::FileUnreadable {
            file: path.to_owned(),
            reason: error.to_string(),
        };
        let file = match plain_file::open_below(path, MOST) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned(), ..Self::default() });
            }
            Err(error) => return Err(unreadable(error)),
        };
        // The check has to be of the same open file that is read next.
        file_owner::check(path, &file.metadata().map_err(unreadable)?)?;
        let bytes = plain_file::bounded(file, MOST).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable(io::Error::other("it is not UTF-8")))?;
        Self::parse(path, &text)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// [`ConfigError::FileWrong`] with the line.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut file = Self { path: path.to_owned(), ..Self::default() };
        let line = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        let wrong = |offset: usize, reason: String| ConfigError::FileWrong {
            file: path.to_owned(),
            line: line(offset),
            reason,
        };
        let table = DeTable::parse(text).map_err(|error| {
            wrong(error.span().map_or(0, |span| span.start), ForeignText::from(error.message()).to_string())
        })?;
        for (section, value) in table.get_ref() {
            let at = section.span().start;
            match (section.get_ref().as_ref(), value.get_ref()) {
                ("profile", DeValue::Table(profiles)) => {
                    if !profiles.contains_key(DEFAULT) {
                        let names = profiles.keys().filter_map(|name| {
                            UnknownWord::nearly_default(path, line(name.span().start), name.get_ref())
                        });
                        file.unknown.extend(names);
                    }
                    for (name, value) in profiles {
                        let at = name.span().start;
                        let DeValue::Table(settings) = value.get_ref() else {
                            return Err(wrong(at, "a profile is a table: [profile.NAME]".to_owned()));
                        };
                        let mut profile = Profile::default();
                        for (key, value) in settings {
                            let at = key.span().start;
                            if !profile
                                .take(key.get_ref(), value)
                                .map_err(|reason| wrong(value.span().start, reason))?
                            {
                                profile.unknown.push(UnknownWord::in_profile(path, line(at), key.get_ref()));
                            }
                        }
                        file.profiles.insert(name.get_ref().to_string(), profile);
                    }
                }
                ("profile", _) => {
                    return Err(wrong(at, "profiles are tables: [profile.NAME]".to_owned()));
                }
                (word, _) => file.unknown.push(UnknownWord::outside(path, line(at), word)),
            }
        }
        Ok(file)
    }
}

impl Profile {
    /// Takes one setting; `false` if it is none of this program's.
    fn take(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, String> {
        let value = value.get_ref();
        match key {
            "endpoints" => self.endpoints = Some(texts(key, value)?),
            "zones" => self.zones = Some(texts(key, value)?),
            "dns_servers" => self.dns_servers = Some(texts(key, value)?),
            "corefile" => self.corefile = Some(text(key, value)?.into()),
            "cacert" => self.cacert = Some(text(key, value)?.into()),
            "cert" => self.cert = Some(text(key, value)?.into()),
            "key" => self.key = Some(text(key, value)?.into()),
            "user" => self.user = Some(text(key, value)?),
            "prefix" => self.prefix = Some(text(key, value)?),
            "cluster_id" => self.cluster_id = Some(text(key, value)?),
            "label" => self.label = Some(text(key, value)?),
            "colour" | "color" => self.colour = Some(text(key, value)?.parse()?),
            "read_only" => self.read_only = Some(value.as_bool().ok_or("read_only is true or false")?),
            "rescue_all" => self.rescue_all = Some(value.as_bool().ok_or("rescue_all is true or false")?),
            "verify_after" => {
                self.verify_after = Some(value.as_bool().ok_or("verify_after is true or false")?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn text(key: &str, value: &DeValue<'_>) -> Result<String, String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| format!("{key} is a text in quotes, and not an empty one"))
}

/// Reads a list of texts, or one text with commas.
fn texts(key: &str, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    if let Some(list) = value.as_str() {
        return Ok(list
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect());
    }
    let parts = value.as_array().ok_or_else(|| format!("{key} is a list of texts"))?;
    parts.iter().map(|part| text(key, part.get_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ProfileFile, ConfigError> {
        ProfileFile::parse(Path::new("config.toml"), text)
    }

    fn told(unknown: &[UnknownWord]) -> Vec<String> {
        let mut told: Vec<_> = unknown.iter().map(ToString::to_string).collect();
        told.sort();
        told
    }

    #[test]
    fn what_is_not_known_is_told_with_its_line() {
        let file = parse(
            "[profile.default]\nprefix = \"/dns\"\nprefx = \"/x\"\nread-only = true\n\n[colours]\na = 1\n",
        )
        .unwrap();
        let profile = &file.profiles["default"];
        assert_eq!((profile.prefix.as_deref(), profile.read_only), (Some("/dns"), None));
        assert_eq!(
            told(&profile.unknown),
            [
                "config.toml, line 3: prefx is not known; did you mean prefix? Nothing is changed until it is corrected",
                "config.toml, line 4: read-only is not known; did you mean read_only? Nothing is changed until it is \
                 corrected",
            ]
        );
        assert_eq!(
            told(&file.unknown),
            [
                "config.toml, line 6: colours stands in no profile; colour belongs below [profile.NAME]; nothing is \
              changed until it is corrected"
            ]
        );
    }

    #[test]
    fn what_stands_where_no_profile_reads_it_is_told_as_well() {
        for (text, said) in [
            ("read-only = true", "read-only stands in no profile; read_only belongs below [profile.NAME];"),
            ("prefix = \"/x\"", "prefix stands in no profile; prefix belongs below [profile.NAME];"),
            ("[profiles.a]\nread_only = true", "profiles is not known; did you mean profile?"),
            ("[a]\ncluster_id = \"1\"", "a is not known;"),
            ("[profile.Default]\nread_only = true", "Default is not known; did you mean default?"),
            ("[profile.\"default \"]\nread_only = true", "default  is not known; did you mean default?"),
            ("[profile.deafult]\nread_only = true", "deafult is not known; did you mean default?"),
        ] {
            let unknown = parse(text).unwrap().unknown;
            let [told] = &told(&unknown)[..] else { panic!("{unknown:?}") };
            assert!(told.starts_with(&format!("config.toml, line 1: {said}")), "{told}");
            assert!(told.ends_with("othing is changed until it is corrected"), "{told}");
        }
        let others = "[profile.Default]\n[profile.default]\n[profile.default-oslo]\n";
        assert_eq!(parse(others).unwrap().unknown, [], "a profile of that name is there");
    }

    #[test]
    fn a_wrong_value_is_an_error_with_its_line() {
        for (text, wanted) in [
            ("[profile.a]\nread_only = \"no\"", 2),
            ("[profile.a]\n\nprefix = 5", 3),
            ("profile = 1", 1),
            ("[profile]\na = 1", 2),
            ("[profile.a]\nprefix = ", 2),
        ] {
            let Err(ConfigError::FileWrong { line, .. }) = parse(text) else { panic!("{text:?}") };
            assert_eq!(line, wanted, "{text:?}");
        }
    }

    #[test]
    fn the_example_holds_every_setting_and_nothing_unknown() {
        let file = parse(include_str!("../../assets/config.example.toml")).unwrap();
        assert!(file.unknown.is_empty() && file.profiles.values().all(|profile| profile.unknown.is_empty()));
        let full = &file.profiles["production"];
        assert!(
            full.endpoints.is_some()
                && full.cacert.is_some()
                && full.cert.is_some()
                && full.key.is_some()
                && full.user.is_some()
                && full.prefix.is_some()
                && full.zones.is_some()
                && full.corefile.is_some()
                && full.dns_servers.is_some()
                && full.verify_after.is_some()
                && full.cluster_id.is_some()
                && full.read_only.is_some()
                && full.rescue_all.is_some()
                && full.label.is_some()
                && full.colour.is_some()
        );
        let keys: Vec<String> = KEYS.iter().map(|key| format!("\n{key} = ")).collect();
        let example = include_str!("../../assets/config.example.toml");
        assert!(keys.iter().all(|key| example.contains(key)), "each is shown");
    }

    #[test]
    fn a_file_that_does_not_exist_has_no_profiles() {
        let directory = tempfile::tempdir().unwrap();
        assert!(ProfileFile::read(&directory.path().join("config.toml")).unwrap().profiles.is_empty());
        assert!(matches!(ProfileFile::read(directory.path()), Err(ConfigError::FileUnreadable { .. })));
    }
}
