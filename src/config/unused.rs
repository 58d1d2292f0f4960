//! Variables of etcdctl that are set here and decide nothing. Their names can explain why this program goes elsewhere
//! than etcdctl.
use super::{Environment, SettingSource, Settings};

const OF_ETCDCTL: &str = "ETCDCTL_";
const PASSWORD: SettingSource = SettingSource::Env("ETCDCTL_PASSWORD");

/// Returns the names of those that are set and that none of these settings was taken from. Of a value it is only
/// checked that it is not empty.
pub(super) fn of(settings: &Settings, env: &impl Environment) -> Vec<String> {
    let files = [&settings.cacert, &settings.cert, &settings.key];
    let times = [Some(&settings.dial_timeout), settings.command_timeout.as_ref()];
    let mut sources = vec![&settings.endpoints.from];
    sources.extend(files.into_iter().flatten().map(|file| &file.from));
    sources.extend(times.into_iter().flatten().map(|time| &time.from));
    sources.extend(settings.user.as_ref().map(|user| &user.from));
    sources.extend(settings.password.as_ref().map(|_| &PASSWORD));
    let decides =
        |name: &str| sources.iter().any(|from| matches!(from, SettingSource::Env(from) if *from == name));
    env.names_of_set(OF_ETCDCTL).into_iter().filter(|name| !decides(name)).collect()
}
