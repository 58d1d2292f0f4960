use super::*;
use crate::{
    dns::{Fallthrough, Name, OtherPlugins},
    keys::Scope,
};
use std::sync::Arc;

fn corefile(files: impl Into<Table>) -> Corefile {
    let variable = |name: &str| (name == "ZONE").then(|| "example.org".to_owned());
    Corefile::read(Path::new("/etc/coredns/Corefile"), &files.into(), &variable).unwrap()
}

fn of(text: &str) -> Corefile {
    corefile([("/etc/coredns/Corefile", text)])
}

fn block(text: &str) -> EtcdBlock {
    let corefile = of(&format!(". {{\n{text}\n}}"));
    corefile.etcd_blocks().next().expect("an etcd block").1.clone()
}

fn notes(corefile: &Corefile) -> Vec<String> {
    corefile.notes.iter().map(ToString::to_string).collect()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn zones(block: &EtcdBlock) -> Vec<String> {
    block.zones.iter().map(ToString::to_string).collect()
}

#[test]
fn a_block_without_anything_has_the_defaults_of_coredns() {
    let block = block("etcd");
    assert_eq!(block.path.0, "/skydns");
    assert_eq!(block.endpoints.0, ["http://localhost:2379"]);
    assert_eq!((block.lease_ttl.min, block.lease_ttl.max), (30, 86_400));
    assert_eq!(block.fallthrough, Fallthrough::Never);
    assert_eq!(zones(&block), ["."]);
    assert!(block.tls.is_none() && block.user.is_none() && !block.no_apex_fallback);
}

#[test]
fn every_property_is_read_with_its_line() {
    let corefile = of("example.org:1053 10.0.0.0/15 {
            root /etc/coredns/tls
            errors
            etcd {
                stubzones
                path coredns/
                endpoint http://ignored:1
                endpoint https://a:2379 https://b:2379
                credentials root s3cret
                tls cert.pem /keys/key.pem ca.pem
                fallthrough example.org
                min-lease-ttl 1m
                max-lease-ttl 2h
                no_apex_fallback
                upstream 8.8.8.8
            }
            forward . 8.8.8.8
        }");
    assert_eq!(notes(&corefile), Vec::<String>::new());
    let (server, block) = corefile.etcd_blocks().next().unwrap();
    assert_eq!((block.path.0.as_str(), block.path.1.line), ("/coredns", 6));
    assert_eq!(block.endpoints.0, ["https://a:2379", "https://b:2379"], "a second line replaces the first");
    assert_eq!(block.endpoints.1.to_string(), "line 8 of /etc/coredns/Corefile");
    assert_eq!(block.user.as_ref().map(|(user, at)| (user.as_str(), at.line)), Some(("root", 9)));
    let (tls, _) = block.tls.as_ref().unwrap();
    assert_eq!(tls.cert, Some("/etc/coredns/tls/cert.pem".into()));
    assert_eq!(tls.key, Some("/keys/key.pem".into()));
    assert_eq!(tls.ca, Some("/etc/coredns/tls/ca.pem".into()));
    assert_eq!(block.fallthrough, Fallthrough::For(vec![name("example.org")]));
    assert_eq!((block.lease_ttl.min, block.lease_ttl.max), (60, 7200));
    assert!(block.no_apex_fallback);
    assert_eq!(zones(block), ["example.org", "0.10.in-addr.arpa", "1.10.in-addr.arpa"]);
    assert_eq!(server.behind, OtherPlugins::Something);
    assert_eq!(
        server.listens.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["127.0.0.1:53", "127.0.0.1:1053"]
    );
}

#[test]
fn no_password_is_kept_anywhere() {
    for text in [
        "etcd {\ncredentials root s3cret\n}",
        "etcd {\ncredentials root\ns3cret\n}",
        "etcd {\ncredentials root s3cret more\n}",
        "etcd {\ncredentials\nroot s3cret\n}",
        "etcd {\ncredentials root \"s3cret",
        "etcd {\ncredentials root s3cret } }",
        "etcd {\ncredentials root {\ns3cret\n}\n}",
        "etcd {\n}\n}\ncredentials root s3cret:\n",
        "etcd {\ncredentials root my\nother s3cret\n}",
    ] {
        let corefile = of(&format!(". {{\n{text}\n}}"));
        assert!(!format!("{corefile:?}").contains("s3cret"), "{text:?}: {corefile:?}");
    }
}

#[test]
fn of_what_is_no_corefile_no_word_is_shown() {
    for text in [
        "s3cret",
        "root:$6$s3cret:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
        "-----BEGIN PRIVATE KEY-----\ns3cret\ns3cret==\n-----END PRIVATE KEY-----\n",
        "apiVersion: v1\nusers:\n- name: s3cret\n  user:\n    token: s3cret\n",
        "DB_PASSWORD=s3cret\nTOKEN={$s3cret}\n",
        "s3cret {\n s3cret s3cret {\n s3cret }\n}\n(s3cret) {\n}\n(s3cret) {\n}\n",
        // A fuzzer has found this: a carriage return in a word is taken out of it.
        "..\\\0s3cre\rt\0\0\0\0\0\0\0\0\0.\\",
    ] {
        let files = Table::from([("/etc/coredns/Corefile", text)]);
        let read = Corefile::read(Path::new("/etc/coredns/Corefile"), &files, &|_| None);
        let shown = format!("{read:?}");
        assert!(!shown.contains("s3cret"), "{text:?}: {shown}");
        // kubectl's own file is an object of Kubernetes without a Corefile, and so is refused.
        let Ok(corefile) = read else { continue };
        assert!(
            corefile.incomplete && notes(&corefile)[0].contains("taken for no Corefile"),
            "{text:?}: {shown}"
        );
    }
}

#[test]
fn a_plugin_behind_a_brace_makes_a_corefile_as_one_on_its_own_line_does() {
    for text in [". { whoami\n}", ".\nwhoami", "import nothing.conf", "", "# nothing"] {
        assert!(!notes(&of(text)).concat().contains("taken for no Corefile"), "{text:?}");
    }
    assert_eq!(of(". { etcd\n}").etcd_blocks().count(), 1);
}

#[test]
fn a_word_in_a_wrong_place_is_not_shown_in_a_corefile_either() {
    for text in [
        "a..s3cret {\n etcd\n}",
        "a:70000 {\n etcd s3cret..x\n}",
        ". {\n etcd {\n s3cret\n }\n bind s3cret\n}",
        "(s3cret) {\n errors\n}\n(s3cret) {\n errors\n}",
        "(s3cret)\n. {\n errors\n}",
        "(s3cret) {\n import s3cret\n}\n. {\n errors\n}",
    ] {
        for note in notes(&of(text)) {
            assert!(!note.contains("s3cret"), "{text:?}: {note}");
        }
    }
}

#[test]
fn only_the_first_etcd_block_of_a_server_block_is_real() {
    let corefile = of(". {\n etcd a.org {\n path /one\n }\n etcd b.org {\n path /two\n }\n}");
    let blocks: Vec<_> = corefile.etcd_blocks().collect();
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].1.path.0, "/one");
    let [note] = &corefile.notes[..] else { panic!("{:?}", corefile.notes) };
    assert_eq!((note.at.line, note.kind), (5, NoteKind::Ignored));
    assert!(note.text.contains("only the first etcd block"), "{note}");
}

#[test]
fn what_setup_refuses_is_noted_with_its_line() {
    for (text, line, wanted) in [
        ("etcd {\n pth /x\n}", 3, "unknown property \"pth\""),
        ("etcd {\n path\n}", 3, "path takes a path"),
        ("etcd {\n endpoint\n}", 3, "endpoint takes"),
        ("etcd {\n tls /a /b /c /d\n}", 3, "three files"),
        ("etcd {\n credentials root\n}", 3, "a user and a password"),
        ("etcd {\n min-lease-ttl -5\n}", 3, "min-lease-ttl"),
        ("etcd {\n max-lease-ttl\n}", 3, "max-lease-ttl"),
        ("etcd {\n no_apex_fallback yes\n}", 3, "no_apex_fallback"),
        ("etcd }", 2, "closes nothing"),
        ("import", 2, "import names no file"),
        ("import a b", 2, "import takes one"),
        ("import a*/b*", 2, "one *"),
    ] {
        let corefile = of(&format!(". {{\n{text}\n}}"));
        let note = corefile.notes.first().unwrap_or_else(|| panic!("{text:?} is without a note"));
        assert_eq!((note.at.line, note.kind), (line, NoteKind::Refused), "{text:?}: {note}");
        assert!(note.text.contains(wanted), "{text:?}: {note}");
    }
}

#[test]
fn a_block_that_is_never_closed_is_noted_but_for_the_last_brace_which_caddy_does_not_miss() {
    assert!(notes(&of(". {\n etcd {\n path /x\n"))[0].contains("never closed"));
    let corefile = of(". {\n etcd {\n path /x\n }\n");
    assert_eq!((notes(&corefile), corefile.etcd_blocks().count()), (vec![], 1));
}

#[test]
fn several_words_may_stand_after_a_property_as_coredns_takes_them() {
    // `path` takes one argument; the words behind it on the line are taken for the next property.
    assert!(notes(&of(". {\netcd {\npath /a /b\n}\n}"))[0].contains("a word is no property"));
    let commas = of(". {\netcd {\nendpoint http://a:1,http://b:1\n}\n}");
    assert_eq!(commas.notes[0].kind, NoteKind::Ignored);
}

#[test]
fn snippets_and_imports_are_put_in_their_place() {
    let corefile = corefile([
        (
            "/etc/coredns/Corefile",
            "(common) {\n errors\n import etcd.conf\n}\nimport zones/*.zone\n. {\n import common\n forward . 1.1.1.1\n}",
        ),
        ("/etc/coredns/etcd.conf", "etcd {\n path /dns\n import lease.conf\n}\n"),
        ("/etc/coredns/lease.conf", "min-lease-ttl 7\n"),
        ("/etc/coredns/zones/b.zone", "b.org {\n import ../etcd.conf\n}\n"),
        ("/etc/coredns/zones/a.zone", "a.org, {$ZONE} {\n import common\n}\n"),
    ]);
    assert_eq!(notes(&corefile), Vec::<String>::new());
    let found: Vec<_> = corefile
        .etcd_blocks()
        .map(|(_, block)| (zones(block), block.path.0.clone(), block.lease_ttl.min, block.at.file.clone()))
        .collect();
    let file = PathBuf::from("/etc/coredns/etcd.conf");
    let wanted: Vec<_> = [vec!["a.org", "example.org"], vec!["b.org"], vec!["."]]
        .into_iter()
        .map(|zones| (zones.into_iter().map(str::to_owned).collect(), "/dns".to_owned(), 7, file.clone()))
        .collect();
    assert_eq!(found, wanted);
    assert!(!corefile.incomplete);
}

#[test]
fn what_cannot_be_imported_is_a_note_and_the_rest_is_read() {
    let corefile = of(". {\n import secret.conf\n etcd {\n path /dns\n }\n}\nimport more/*.conf\n");
    assert_eq!(corefile.etcd_blocks().count(), 1);
    assert!(corefile.incomplete);
    assert!(notes(&corefile)[0].contains(
        "line 2 of /etc/coredns/Corefile: import secret.conf: cannot be read, so what it holds is not known"
    ));
    assert!(notes(&corefile)[1].contains("no file is there"));
}

#[test]
fn imports_in_a_circle_come_to_an_end() {
    for text in [
        "(a) {\n import a\n}\n. {\n import a\n}",
        "(a) {\n import b\n}\n(b) {\n import a\n import a\n}\n. {\n import a\n}",
        ". {\n import Corefile\n}",
    ] {
        let corefile = of(text);
        let last = corefile.notes.last().unwrap();
        assert!(last.text.contains("circle") || last.text.contains("closes nothing"), "{text:?}: {last}");
    }
}

#[test]
fn a_long_word_that_is_imported_again_and_again_fills_no_memory() {
    let text = format!("(a) {{\n \"{}\"\n}}\n. {{\n{}}}\n", "x".repeat(4 << 20), "import a\n".repeat(50));
    let read = of(&text);
    assert!(read.incomplete && read.servers.is_empty());
    assert!(notes(&read).concat().contains("imports bring more text"), "{:?}", read.notes.len());
}

#[test]
fn the_value_of_a_variable_is_repeated_nowhere_but_where_it_belongs() {
    let text = "import {$SECRET}\nimport /x/{%SECRET%}/*\n({$SECRET}) {\n}\n({$SECRET}) {\n}\n";
    let block = ". {\n etcd {$SECRET}$ {\n {$SECRET} x\n min-lease-ttl {$SECRET}\n }\n bind {$SECRET}\n}\n";
    for secret in ["s3cr\"et\\!", "s3cret"] {
        for text in [text.to_owned(), format!("{block}a@{{$SECRET}}:x {{\n}}\n")] {
            let files = Table::from([("/etc/coredns/Corefile", &*text)]);
            let variable = |name: &str| (name == "SECRET").then(|| secret.to_owned());
            let read = Corefile::read(Path::new("/etc/coredns/Corefile"), &files, &variable).unwrap();
            let notes = notes(&read);
            assert!(notes.len() > 2, "{notes:?}");
            assert!(!notes.join("\n").contains("s3cr"), "{notes:?}");
            let imports = text.contains("import");
            assert_eq!(notes.join("\n").contains("{$SECRET}"), imports, "{notes:?}");
        }
    }
}

#[test]
fn variables_come_from_the_environment_and_an_empty_one_is_said() {
    let corefile = of(
        "{$ZONE} {\n etcd {\n path /{%PATH_OF_DNS%}\n credentials {$USER_OF_ETCD} {$PASSWORD_OF_ETCD}\n }\n}",
    );
    let (_, block) = corefile.etcd_blocks().next().unwrap();
    assert_eq!(zones(block), ["example.org"]);
    assert_eq!(block.path.0, "/");
    let said = notes(&corefile).join("\n");
    assert!(said.contains("PATH_OF_DNS is empty here") && said.contains("USER_OF_ETCD"), "{said}");
}

#[test]
fn a_server_block_may_do_without_braces() {
    let corefile = of("example.org:1053\netcd {\n path /dns\n}\n");
    assert_eq!(corefile.etcd_blocks().next().unwrap().1.path.0, "/dns");
    assert_eq!(corefile.servers[0].keys, [(name("example.org"), 1053)]);
}

#[test]
fn several_keys_stand_apart_by_blanks_commas_and_line_breaks() {
    let corefile = of("a.org b.org,\nc.org, dns://d.org:54 tls://e.org {\n bind 0.0.0.0 10.0.0.1\n etcd\n}");
    let server = &corefile.servers[0];
    let keys: Vec<_> = server.keys.iter().map(|(key, port)| format!("{key}:{port}")).collect();
    assert_eq!(keys, ["a.org:53", "b.org:53", "c.org:53", "d.org:54", "e.org:853"]);
    let listens: Vec<_> = server.listens.iter().map(ToString::to_string).collect();
    assert_eq!(listens, ["10.0.0.1:53", "10.0.0.1:54", "127.0.0.1:53", "127.0.0.1:54"]);
}

fn served(text: &str, scope: Option<&str>) -> SamePathBlocks {
    let scope = scope.map(|scope| Scope::parse(scope).unwrap());
    SamePathBlocks::choose(&Arc::new(of(text)), scope.as_ref()).unwrap()
}

#[test]
fn the_blocks_of_one_path_and_etcd_belong_together_and_others_are_told_apart() {
    let text = "a.org {\n etcd {\n path /dns\n fallthrough\n }\n}\nb.org {\n etcd {\n path /dns\n }\n}\nc.org {\n etcd {\n path /other\n }\n}";
    let served_here = served(text, None);
    assert_eq!(served_here.zones(), [name("a.org"), name("b.org")]);
    assert_eq!(served_here.others().count(), 1);
    assert_eq!(served(text, Some("/other")).zones(), [name("c.org")]);
    assert!(SamePathBlocks::choose(&Arc::new(of(text)), Some(&Scope::parse("/none").unwrap())).is_none());

    let scope = Scope::parse("/dns").unwrap();
    let at_a = served_here.serving_for(&scope, &name("www.a.org"));
    assert_eq!(at_a.fallthrough, Fallthrough::Always);
    assert_eq!(at_a.zones, [name("a.org"), name("b.org")], "an alias may lead into the other zone");
    let at_b = served_here.serving_for(&scope, &name("b.org"));
    assert_eq!(at_b.fallthrough, Fallthrough::Never);
    assert_eq!(at_b.behind, OtherPlugins::Something, "c.org is served from elsewhere");
    assert!(served_here.serving_for(&scope, &name("c.org")).zones.is_empty());
}

#[test]
fn what_nobody_serves_is_refused_or_fails_as_the_server_blocks_have_it() {
    let behind = |text: &str| {
        served(text, None).serving_for(&Scope::parse("/skydns").unwrap(), &name("www.example.org")).behind
    };
    assert_eq!(behind("example.org {\n etcd\n}"), OtherPlugins::Nothing, "other names have no server block");
    assert_eq!(
        behind(". {\n etcd example.org\n}"),
        OtherPlugins::Nobody,
        "other names have a server block without more"
    );
    assert_eq!(behind(". {\n etcd example.org\n forward . 1.1.1.1\n}"), OtherPlugins::Something);
    assert_eq!(behind(". {\n etcd example.org\n import unknown\n}"), OtherPlugins::Something, "who knows");
    assert_eq!(behind("example.org {\n etcd\n}\n. {\n whoami\n}"), OtherPlugins::Something);
}

#[test]
fn a_longer_server_block_takes_a_name_away_from_etcd() {
    let text =
        ". {\n etcd {\n path /dns\n }\n}\nsub.example.org {\n whoami\n}\ndeep.example.org:54 {\n whoami\n}";
    let served = served(text, None);
    let scope = Scope::parse("/dns").unwrap();
    assert_eq!(served.serving_for(&scope, &name("www.example.org")).zones, [name(".")]);
    let taken = served.serving_for(&scope, &name("x.sub.example.org"));
    assert_eq!((taken.zones, taken.behind), (vec![], OtherPlugins::Something));
    assert_eq!(
        served.serving_for(&scope, &name("deep.example.org")).zones,
        [name(".")],
        "another port is another server"
    );
}

#[test]
fn two_server_blocks_for_one_name_are_refused_unless_they_listen_apart_or_look_at_who_asks() {
    let twice = |a: &str, b: &str| notes(&of(&format!("x.org {{\n{a}\n}}\nx.org {{\n{b}\n}}"))).join("\n");
    assert!(
        twice("errors", "errors").contains("x.org on port 53 is served already"),
        "{}",
        twice("errors", "errors")
    );
    assert_eq!(twice("bind 10.0.0.1", "bind 10.0.0.2"), "");
    assert_eq!(twice("view a {\nexpr true\n}", "errors"), "");
    assert_eq!(notes(&of("x.org {\n errors\n}\nx.org:54 {\n}")), Vec::<String>::new());
}

#[test]
fn what_stands_behind_etcd_is_known_by_the_order_of_plugins_not_of_lines() {
    let behind = |plugins: &str| of(&format!(". {{\n{plugins}\netcd\n}}")).servers[0].behind;
    assert_eq!(behind("errors\nlog\ncache 30\nloop\nhosts /etc/hosts"), OtherPlugins::Nothing);
    assert_eq!(behind("forward . 1.1.1.1"), OtherPlugins::Something);
    assert_eq!(behind("a_plugin_of_ones_own"), OtherPlugins::Something);
    let before = of(". {\nhosts /etc/hosts\netcd\ncache\n}").servers[0].before.clone();
    assert_eq!(before.iter().map(|plugin| plugin.name.as_str()).collect::<Vec<_>>(), ["hosts", "cache"]);
}
