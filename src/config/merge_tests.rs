use super::{super::UserFlag, *};
use crate::{dns::ZoneGuess, remedy::Remedy};
use secrecy::ExposeSecret as _;
use std::{collections::HashMap, ffi::OsString};
use tempfile::TempDir;

struct Table(HashMap<&'static str, String>, TempDir);

impl Environment for Table {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(Into::into)
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().map(|name| (*name).to_owned()).collect()
    }
}

/// Makes an environment with these variables, and a profile file with this text.
fn env(variables: &[(&'static str, &str)], profiles: &str) -> Table {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("coredeck")).unwrap();
    std::fs::write(home.path().join("coredeck/config.toml"), profiles).unwrap();
    let mut table: HashMap<_, _> =
        variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    table.insert("XDG_CONFIG_HOME", home.path().display().to_string());
    Table(table, home)
}

fn merge(flags: &Flags, env: &Table) -> Settings {
    Settings::merge(flags, env).unwrap()
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_profile_which_beats_the_default() {
    let profile = "[profile.default]\nendpoints = [\"profile:1\"]\nprefix = \"/from-profile\"\n";
    let variables = [("ETCDCTL_ENDPOINTS", "env:1"), ("COREDECK_PREFIX", "/from-env")];
    let flags = Flags { endpoints: Some("flag:1".into()), ..Flags::default() };

    let settings = merge(&flags, &env(&variables, profile));
    assert_eq!(settings.endpoints.value, ["http://flag:1"]);
    assert_eq!(settings.endpoints.from.to_string(), "--endpoints");
    assert_eq!(settings.scope.value.as_str(), "/from-env/");
    assert_eq!(settings.scope.from.to_string(), "COREDECK_PREFIX");

    let settings = merge(&Flags::default(), &env(&variables, profile));
    assert_eq!(settings.endpoints.value, ["http://env:1"]);

    let settings = merge(&Flags::default(), &env(&[], profile));
    assert_eq!(settings.endpoints.value, ["http://profile:1"]);
    assert!(settings.scope.from.to_string().starts_with("profile default in /"), "{}", settings.scope.from);

    let settings = merge(&Flags::default(), &env(&[], ""));
    assert_eq!(settings.endpoints.value, ["http://127.0.0.1:2379"]);
    assert_eq!(settings.scope.value.as_str(), "/coredns/");
    assert_eq!(settings.scope.from, SettingSource::Default);
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let variables =
        [("ETCDCTL_ENDPOINTS", ""), ("COREDECK_PREFIX", ""), ("ETCDCTL_USER", ""), ("NO_COLOR", "")];
    let settings = merge(&Flags::default(), &env(&variables, ""));
    assert_eq!(settings.endpoints.from, SettingSource::Default);
    assert_eq!(settings.scope.from, SettingSource::Default);
    assert_eq!(settings.user, None);
    assert!(!settings.no_color);
    assert!(merge(&Flags::default(), &env(&[("TERM", "dumb")], "")).no_color);
}

#[test]
fn an_empty_flag_is_no_default() {
    for flags in [
        Flags { endpoints: Some(String::new()), ..Flags::default() },
        Flags { prefix: Some(String::new()), ..Flags::default() },
        Flags { cacert: Some(PathBuf::new()), ..Flags::default() },
    ] {
        assert!(Settings::merge(&flags, &env(&[], "")).is_err(), "{flags:?}");
    }
}

#[test]
fn certificates_make_an_endpoint_without_a_scheme_https() {
    let flags = Flags { cacert: Some("ca.crt".into()), ..Flags::default() };
    assert_eq!(merge(&flags, &env(&[], "")).endpoints.value, ["https://127.0.0.1:2379"]);
    let half = Flags { cert: Some("c.crt".into()), ..Flags::default() };
    assert!(matches!(Settings::merge(&half, &env(&[], "")), Err(ConfigError::HalfAPair { .. })));
}

#[test]
fn a_password_comes_from_its_variable_or_from_behind_the_name_in_the_environment() {
    let password = |variables: &[(&'static str, &str)], flags: &Flags| {
        let settings = merge(flags, &env(variables, ""));
        settings.password.map(|password| password.expose_secret().to_owned())
    };
    let named = Flags { user: Some(UserFlag::Name("dns".into())), ..Flags::default() };
    assert_eq!(password(&[("ETCDCTL_PASSWORD", "p")], &named).as_deref(), Some("p"));
    assert_eq!(password(&[("ETCDCTL_USER", "dns:p:q")], &Flags::default()).as_deref(), Some("p:q"));
    assert_eq!(password(&[("ETCDCTL_USER", "root:p")], &named), None, "another user's password");
    assert_eq!(password(&[("ETCDCTL_PASSWORD", "p")], &Flags::default()), None, "nobody's password");
}

fn with_colon(text: &str) -> Flags {
    let user = crate::config::flags::WithColon::new(text.to_owned());
    Flags { user: Some(UserFlag::WithColon(user)), ..Flags::default() }
}

#[test]
fn with_a_password_of_its_own_a_colon_is_a_part_of_the_name() {
    let login = |flags: &Flags, variables: &[(&'static str, &str)]| {
        let settings = merge(flags, &env(variables, "[profile.default]\nuser = \"a:b\"\n"));
        let password = settings.password.map(|password| password.expose_secret().to_owned());
        (settings.user.unwrap().value, password.unwrap())
    };
    let own = ("ETCDCTL_PASSWORD", "p");
    let (name, password) = ("a:b".to_owned(), "p".to_owned());
    assert_eq!(login(&with_colon("a:b"), &[own]), (name.clone(), password.clone()));
    assert_eq!(login(&Flags::default(), &[own, ("ETCDCTL_USER", "a:b")]), (name.clone(), password.clone()));
    assert_eq!(login(&Flags::default(), &[own]), (name, password));
    let apart = login(&Flags::default(), &[("ETCDCTL_USER", "a:b")]);
    assert_eq!(apart, ("a".to_owned(), "b".to_owned()));
}

#[test]
fn a_password_in_the_open_is_refused_and_not_repeated() {
    let in_flag = with_colon("dns:hunter2");
    let in_profile = env(&[], "[profile.default]\nuser = \"dns:hunter2\"\n");
    for refused in [Settings::merge(&in_flag, &env(&[], "")), Settings::merge(&Flags::default(), &in_profile)]
    {
        let error = refused.unwrap_err();
        assert!(matches!(error, ConfigError::PasswordInTheOpen { .. }));
        assert!(!format!("{error} {error:?} {}", error.remedy()).contains("hunter2"));
    }
}

#[test]
fn a_password_is_never_shown_with_the_settings() {
    let settings = merge(&Flags::default(), &env(&[("ETCDCTL_USER", "dns:hunter2")], ""));
    assert!(settings.password.is_some());
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn a_domain_for_discovery_stops_nobody_who_names_endpoints() {
    let srv = ("ETCDCTL_DISCOVERY_SRV", "example.org");
    let refused = Settings::merge(&Flags::default(), &env(&[srv], "")).unwrap_err();
    assert!(matches!(refused, ConfigError::NotOffered { option: "ETCDCTL_DISCOVERY_SRV", .. }), "{refused}");
    assert!(refused.remedy().contains("_etcd-client-ssl._tcp"), "{}", refused.remedy());
    let flag = Flags { endpoints: Some("a:1".into()), ..Flags::default() };
    let profile = "[profile.default]\nendpoints = \"a:1\"\n";
    merge(&Flags { demo: true, ..Flags::default() }, &env(&[srv], ""));
    for (flags, env) in [
        (flag, env(&[srv], "")),
        (Flags::default(), env(&[srv, ("ETCDCTL_ENDPOINTS", "a:1")], "")),
        (Flags::default(), env(&[srv], profile)),
    ] {
        let settings = merge(&flags, &env);
        assert_eq!(settings.endpoints.value, ["http://a:1"]);
        assert_eq!(settings.unused, ["ETCDCTL_DISCOVERY_SRV"]);
    }
}

#[test]
fn variables_of_etcdctl_that_are_not_used_are_known() {
    let variables = [
        ("ETCDCTL_API", "3"),
        ("ETCDCTL_ENDPOINTS", "a:1"),
        ("ETCDCTL_CACERT", "/ca"),
        ("ETCDCTL_DIAL_TIMEOUT", "3s"),
        ("ETCDCTL_COMMAND_TIMEOUT", ""),
        ("ETCDCTL_PASSWORD", "p"),
        ("ETCDCTL_HEX", "true"),
        ("COREDECK_PREFIX", "/skydns"),
    ];
    let nobody = merge(&Flags::default(), &env(&variables, ""));
    assert_eq!(nobody.unused, ["ETCDCTL_API", "ETCDCTL_HEX", "ETCDCTL_PASSWORD"]);
    let flags =
        Flags { endpoints: Some("b:1".into()), user: Some(UserFlag::Name("dns".into())), ..Flags::default() };
    let named = merge(&flags, &env(&variables, ""));
    assert_eq!(named.unused, ["ETCDCTL_API", "ETCDCTL_ENDPOINTS", "ETCDCTL_HEX"]);
}

#[test]
fn what_etcdctl_has_and_this_program_does_not_is_refused_with_a_reason() {
    let skip = Flags { insecure_skip_tls_verify: true, ..Flags::default() };
    let srv = Flags { discovery_srv: Some("example.org".into()), ..Flags::default() };
    for flags in [skip, srv] {
        assert!(matches!(
            Settings::merge(&flags, &env(&[], "")),
            Err(ConfigError::NotOffered { option, .. }) if option.starts_with("--")
        ));
    }
    let refused =
        Settings::merge(&Flags::default(), &env(&[("ETCDCTL_INSECURE_SKIP_TLS_VERIFY", "true")], ""));
    assert!(matches!(refused, Err(ConfigError::NotOffered { .. })));
    merge(
        &Flags::default(),
        &env(&[("ETCDCTL_API", "3"), ("ETCDCTL_INSECURE_SKIP_TLS_VERIFY", "false")], ""),
    );
}

#[test]
fn a_profile_that_was_asked_for_must_exist() {
    let asked = env(&[("COREDECK_PROFILE", "prod")], "[profile.staging]\n");
    let error = Settings::merge(&Flags::default(), &asked).unwrap_err();
    assert!(error.to_string().contains("only staging"), "{error}");
}

#[test]
fn a_profile_pins_a_cluster_and_closes_a_session() {
    let text = "[profile.default]\ncluster_id = \"cdf818194e3a8c32\"\nread_only = true\nlabel = \"x\"\n";
    let settings = merge(&Flags::default(), &env(&[], text));
    assert_eq!(settings.pinned.unwrap().value, ClusterId(0xcdf8_1819_4e3a_8c32));
    assert!(settings.read_only.is_some());
    let open = merge(&Flags::default(), &env(&[], "[profile.default]\nread_only = false\n"));
    assert_eq!(open.read_only, None);
}

#[test]
fn a_word_that_is_not_known_closes_the_session_until_it_is_corrected() {
    let read_only = |text: &str| merge(&Flags::default(), &env(&[], text)).read_only;
    for (text, line) in [
        ("[profile.default]\nread-only = true\n", 2),
        ("[profile.default]\n\ncluster-id = \"cdf818194e3a8c32\"\n", 3),
        ("read_only = true\n[profile.default]\n", 1),
        ("[profiles.default]\nread_only = true\n", 1),
        // Without these a change would go to another etcd, or to other keys of it.
        ("[profile.default]\nendpoint = \"10.0.0.1:2379\"\n", 2),
        ("[profile.default]\nprefx = \"/x\"\n", 2),
        ("endpoints = [\"10.0.0.1:2379\"]\n", 1),
        // No list of words ends that may be meant to forbid something.
        ("[profile.default]\nlable = \"x\"\n", 2),
        ("[profile.default]\nwindow = \"sat 2-4\"\n", 2),
        ("default_profile = \"prod\"\n[profile.prod]\nread_only = true\n", 1),
        ("[profile.Default]\nread_only = true\n", 1),
    ] {
        let Some(why) = read_only(text) else { panic!("{text}") };
        assert!(why.remedy().starts_with(&format!("Correct line {line} of /")), "{}", why.remedy());
    }
    let demo = Flags { demo: true, ..Flags::default() };
    assert_eq!(merge(&demo, &env(&[], "read_only = true\n")).read_only, None);
}

#[test]
fn what_another_profile_says_wrongly_is_no_matter_of_this_one() {
    let text = "[profile.default]\n[profile.other]\nread-only = true\nprefx = \"/x\"\n";
    let settings = merge(&Flags::default(), &env(&[], text));
    assert_eq!((settings.read_only.clone(), settings.notes().count()), (None, 0));
    let other = Flags { profile: Some("other".into()), ..Flags::default() };
    let settings = merge(&other, &env(&[], text));
    assert!(settings.read_only.is_some() && settings.notes().count() == 2);
}

#[test]
fn a_profile_that_is_missing_because_of_a_misspelt_word_is_told_with_that_word() {
    let asked = Flags { profile: Some("x".into()), ..Flags::default() };
    let error = Settings::merge(&asked, &env(&[], "[profiles.x]\nendpoints = \"a:1\"\n")).unwrap_err();
    assert!(error.to_string().contains("line 1: profiles is not known; did you mean profile?"), "{error}");
    assert!(error.remedy().starts_with("Correct line 1 of /"), "{}", error.remedy());
}

#[test]
fn profiles_that_are_there_are_told_where_none_is_used_and_no_etcd_is_named() {
    let text = "[profile.prod]\n[profile.stage]\n";
    let settings = merge(&Flags::default(), &env(&[], text));
    assert!(settings.unchosen().unwrap().contains("prod and stage"), "{:?}", settings.unchosen());
    let named = Flags { endpoints: Some("a:1".into()), ..Flags::default() };
    assert_eq!(merge(&named, &env(&[], text)).unchosen(), None);
    let chosen = Flags { profile: Some("prod".into()), ..Flags::default() };
    assert_eq!(merge(&chosen, &env(&[], text)).unchosen(), None);
    assert_eq!(merge(&Flags::default(), &env(&[], "")).unchosen(), None);
}

#[test]
fn settings_of_one_place_are_told_together() {
    let text = "[profile.default]\nendpoints = \"a:1\"\ncacert = \"ca\"\ncert = \"c\"\nkey = \"k\"\n";
    let told = merge(&Flags::default(), &env(&[], text)).provenance();
    assert!(told.starts_with("endpoints, CA, certificate and key from profile default in /"), "{told}");
    let own = Flags { endpoints: Some("b:1".into()), ..Flags::default() };
    let told = merge(&own, &env(&[], text)).provenance();
    assert!(told.starts_with("endpoints from --endpoints, CA, certificate and key from profile"), "{told}");
}

#[test]
fn the_demo_looks_at_no_profile() {
    let demo = Flags { demo: true, ..Flags::default() };
    let settings =
        merge(&demo, &env(&[], "[profile.default]\nread_only = true\nprefix = \"/x\"\nuser = \"a\"\n"));
    assert_eq!((settings.read_only.clone(), settings.scope.value.as_str()), (None, "/coredns/"));
    assert_eq!(settings.asks_for_password_of(), None);
}

#[test]
fn a_locale_that_is_not_utf8_asks_for_ascii() {
    let ascii = |variables: &[(&'static str, &str)]| merge(&Flags::default(), &env(variables, "")).ascii;
    assert!(ascii(&[]));
    assert!(ascii(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
    assert!(!ascii(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
    assert!(!ascii(&[("LC_CTYPE", "C.utf8")]));
}

/// Environment with a Corefile at a usual place.
struct Found(Table, PathBuf);

impl Environment for Found {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.0.variable(name)
    }

    fn corefile(&self) -> Option<PathBuf> {
        Some(self.1.clone())
    }
}

const COREFILE: &str = "example.org:1053 {
  bind 10.9.9.9
  etcd {
    path /dns
    endpoint https://etcd:2379
    tls /keys/cert.pem /keys/key.pem /keys/ca.pem
    credentials reader s3cret
    fallthrough
    min-lease-ttl 7
  }
}
";

fn found(variables: &[(&'static str, &str)], profiles: &str, corefile: &str) -> Found {
    let table = env(variables, profiles);
    let file = table.1.path().join("Corefile");
    std::fs::write(&file, corefile).unwrap();
    Found(table, file)
}

#[test]
fn a_corefile_speaks_where_nobody_else_does_and_every_value_says_its_line() {
    let env = found(&[("ETCDCTL_PASSWORD", "other")], "", COREFILE);
    let settings = Settings::merge(&Flags::default(), &env).unwrap();
    assert_eq!(settings.warnings, Vec::<String>::new());
    let line = |number: usize| format!("line {number} of {}", env.1.display());
    assert_eq!((settings.scope.value.as_str(), settings.scope.from.to_string()), ("/dns/", line(4)));
    assert_eq!(settings.endpoints.value, ["https://etcd:2379"]);
    assert_eq!(settings.endpoints.from.to_string(), line(5));
    assert_eq!(settings.cacert.as_ref().unwrap().value, PathBuf::from("/keys/ca.pem"));
    assert_eq!(settings.key.as_ref().unwrap().from.to_string(), line(6));
    assert_eq!(settings.user.as_ref().map(|user| user.value.as_str()), Some("reader"));
    assert_eq!(settings.zones.value, [Name::parse("example.org").unwrap()]);
    assert_eq!(settings.zones.from.to_string(), line(3));
    let serving = settings.serving(ZoneGuess::default());
    assert_eq!((serving.lease_ttl.min, serving.fallthrough), (7, crate::dns::Fallthrough::Always));
    assert_eq!(settings.servers(), ["10.9.9.9:1053".parse().unwrap()]);
    assert!(!format!("{settings:?}").contains("s3cret"));
    let password = settings.password.as_ref().map(|password| password.expose_secret().to_owned());
    assert_eq!(password.as_deref(), Some("other"), "the Corefile's own password is not taken");
}

#[test]
fn flag_environment_and_profile_beat_the_corefile_one_by_one() {
    let env = found(&[("COREDECK_ZONES", "a.org,b.org")], "", COREFILE);
    let flags = Flags { prefix: Some("/dns".into()), ..Flags::default() };
    let settings = Settings::merge(&flags, &env).unwrap();
    assert_eq!(settings.scope.from, SettingSource::Flag("--prefix"));
    assert_eq!(settings.zones.from, SettingSource::Env("COREDECK_ZONES"));
    let serving = settings.serving(ZoneGuess::default());
    assert_eq!(serving.zones, settings.zones.value);
    assert_eq!(serving.lease_ttl.min, 7, "what was not said otherwise stays the Corefile's");
}

#[test]
fn certificates_and_the_login_of_a_found_corefile_go_to_its_own_etcd_only() {
    let env = found(&[], "", COREFILE);
    let flags = Flags { endpoints: Some("https://elsewhere:2379".into()), ..Flags::default() };
    let settings = Settings::merge(&flags, &env).unwrap();
    assert!(settings.cacert.is_none() && settings.key.is_none() && settings.user.is_none());
    assert_eq!(settings.scope.value.as_str(), "/dns/");
    let named = Flags { corefile: Some(env.1.clone()), ..flags };
    assert!(Settings::merge(&named, &env).unwrap().key.is_some(), "who names the Corefile means it");
    let own = Flags { cacert: Some("/own/ca.pem".into()), ..Flags::default() };
    let settings = Settings::merge(&own, &env).unwrap();
    assert_eq!(settings.cacert.unwrap().value, PathBuf::from("/own/ca.pem"));
    assert!(settings.cert.is_none(), "certificates come from one place");
}

#[test]
fn a_profile_of_another_cluster_is_not_mixed_with_what_was_found_on_this_machine() {
    let profile = "[profile.default]\nendpoints = [\"far:2379\"]\n";
    let env = found(&[], profile, COREFILE);
    let settings = Settings::merge(&Flags::default(), &env).unwrap();
    assert_eq!(settings.scope.value.as_str(), "/coredns/");
    assert!(settings.served.is_none());
    let named = format!("{profile}corefile = {:?}\n", env.1);
    let env = found(&[], &named, COREFILE);
    std::fs::write(env.0.1.path().join("coredeck/config.toml"), format!("{profile}corefile = {:?}\n", env.1))
        .unwrap();
    assert_eq!(Settings::merge(&Flags::default(), &env).unwrap().scope.value.as_str(), "/dns/");
}

#[test]
fn a_corefile_without_an_etcd_block_is_said_and_changes_nothing() {
    let env = found(&[], "", ". {\n forward . 1.1.1.1\n}\n");
    let settings = Settings::merge(&Flags::default(), &env).unwrap();
    assert!(settings.warnings[0].contains("has no etcd block"), "{:?}", settings.warnings);
    assert_eq!(settings.scope.value.as_str(), "/coredns/");
    assert_eq!(settings.endpoints.from, SettingSource::Default);
    assert!(settings.zones.value.is_empty() && settings.has_no_zones());
}

#[test]
fn none_is_no_corefile_not_even_one_that_would_be_found() {
    let env = found(&[("COREDECK_COREFILE", "none")], "", COREFILE);
    assert!(Settings::merge(&Flags::default(), &env).unwrap().served.is_none());
}

#[test]
fn zones_are_names_or_networks() {
    let flags =
        Flags { zones: Some("gcr.io, 10.0.0.0/15,7.0/25.2.0.192.in-addr.arpa".into()), ..Flags::default() };
    let zones: Vec<String> =
        merge(&flags, &env(&[], "")).zones.value.iter().map(ToString::to_string).collect();
    assert_eq!(zones, ["gcr.io", "0.10.in-addr.arpa", "1.10.in-addr.arpa", "7.0/25.2.0.192.in-addr.arpa"]);
}

#[test]
fn a_prefix_that_no_block_reads_is_said() {
    let env = found(&[], "", COREFILE);
    let flags = Flags { prefix: Some("/other".into()), ..Flags::default() };
    let settings = Settings::merge(&flags, &env).unwrap();
    assert!(settings.warnings[0].contains("reads /other/ (from --prefix)"), "{:?}", settings.warnings);
    assert_eq!(settings.endpoints.value, ["https://etcd:2379"], "it is still the same etcd");
    assert!(settings.zones.value.is_empty());
}

#[test]
fn a_corefile_that_was_named_and_is_not_there_is_an_error_and_one_that_was_not_is_none() {
    let nowhere = Flags { corefile: Some("/nonexistent/Corefile".into()), ..Flags::default() };
    assert!(matches!(Settings::merge(&nowhere, &env(&[], "")), Err(ConfigError::NoSuchFile { .. })));
    let mut env = found(&[], "", "");
    env.1 = "/nonexistent/Corefile".into();
    assert_eq!(Settings::merge(&Flags::default(), &env).unwrap().warnings, Vec::<String>::new());
}

#[test]
fn the_path_of_somebody_else_is_no_scope_in_a_corefile_either() {
    let env = found(&[], "", ". {\n etcd {\n  path /registry\n }\n}\n");
    let Err(ConfigError::Scope { from, .. }) = Settings::merge(&Flags::default(), &env) else { panic!() };
    assert!(from.to_string().starts_with("line 3 of"), "{from}");
}

#[test]
fn the_demo_knows_no_corefile_but_one_that_its_own_command_line_names() {
    let env = found(&[], "", COREFILE);
    let demo = Flags { demo: true, ..Flags::default() };
    assert!(Settings::merge(&demo, &env).unwrap().served.is_none());
    let named = Flags { corefile: Some(env.1.clone()), ..demo };
    assert_eq!(Settings::merge(&named, &env).unwrap().serving(ZoneGuess::default()).lease_ttl.min, 7);
}
