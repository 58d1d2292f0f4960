//! Part of a Corefile that one session is about: the blocks that read one path of one etcd.
use super::{Corefile, EtcdBlock, Plugin, ServerBlock};
use crate::{
    dns::{Name, OtherPlugins, Serving},
    keys::Scope,
};
use std::{net::SocketAddr, sync::Arc};

/// The `etcd` blocks that read the same path from the same endpoints as the session's block.
#[derive(Clone, Debug)]
pub struct SamePathBlocks {
    corefile: Arc<Corefile>,
    block: EtcdBlock,
}

impl SamePathBlocks {
    /// Takes the first block, or with a scope the first that reads that scope. `None` if there is none.
    #[must_use]
    pub fn choose(corefile: &Arc<Corefile>, scope: Option<&Scope>) -> Option<Self> {
        let fits = |block: &EtcdBlock| {
            scope.is_none_or(|scope| Scope::parse(&block.path.0).is_ok_and(|path| path == *scope))
        };
        let block = corefile.etcd_blocks().map(|(_, block)| block).find(|block| fits(block))?.clone();
        Some(Self { corefile: Arc::clone(corefile), block })
    }

    #[must_use]
    pub fn corefile(&self) -> &Corefile {
        &self.corefile
    }

    /// Returns the block that names the connection.
    #[must_use]
    pub fn block(&self) -> &EtcdBlock {
        &self.block
    }

    /// Returns the blocks of another path or another etcd, which do not belong to this session.
    pub fn others(&self) -> impl Iterator<Item = &EtcdBlock> {
        self.corefile.etcd_blocks().map(|(_, block)| block).filter(|block| !self.is_ours(block))
    }

    /// Returns the zones of all blocks of this session, each once.
    #[must_use]
    pub fn zones(&self) -> Vec<Name> {
        let mut zones: Vec<Name> = Vec::new();
        for (_, block) in self.ours() {
            for zone in &block.zones {
                if !zones.contains(zone) {
                    zones.push(zone.clone());
                }
            }
        }
        zones
    }

    /// Returns the addresses at which plain DNS reaches these blocks.
    #[must_use]
    pub fn listens(&self) -> Vec<SocketAddr> {
        let mut listens: Vec<SocketAddr> = Vec::new();
        for address in self.ours().flat_map(|(server, _)| &server.listens) {
            if !listens.contains(address) {
                listens.push(*address);
            }
        }
        listens
    }

    /// Returns the options for the answers of the scope as a whole: the zones of all blocks, the options of the first.
    #[must_use]
    pub fn serving(&self, scope: &Scope) -> Serving {
        let (zones, behind) = (self.zones(), self.behind(self.ours().next().map(|(server, _)| server)));
        with_options(&self.block, Serving { behind, ..Serving::new(scope.clone(), zones) })
    }

    /// Returns the options for the answer to a question for this name: those of the block that its server block has.
    /// `CoreDNS` takes the server block with the longest name, whether that has an `etcd` block or not.
    #[must_use]
    pub fn serving_for(&self, scope: &Scope, name: &Name) -> Serving {
        let Some(server) = self.route(name) else {
            // CoreDNS refuses the question: no server block is for this name.
            return Serving::new(scope.clone(), Vec::new());
        };
        let Some(block) = server.etcd.as_ref().filter(|block| self.is_ours(block)) else {
            return Serving { behind: OtherPlugins::Something, ..Serving::new(scope.clone(), Vec::new()) };
        };
        let mut zones = block.zones.clone();
        // An alias that leads to a zone of another block comes back to etcd there.
        for (other, of_other) in self.ours() {
            let reached = |zone: &&Name| other.keys.iter().any(|(key, _)| covers(key, zone));
            let more = of_other.zones.iter().filter(reached).filter(|zone| !covers(zone, name));
            zones.extend(more.filter(|zone| !block.zones.contains(zone)).cloned());
        }
        with_options(
            block,
            Serving { behind: self.behind(Some(server)), ..Serving::new(scope.clone(), zones) },
        )
    }

    /// Returns the plugins that may answer this name before etcd is asked, or change the answer.
    #[must_use]
    pub fn before(&self, name: &Name) -> &[Plugin] {
        self.route(name).map_or(&[], |server| &server.before)
    }

    /// Returns the blocks of this session, with their server blocks.
    pub fn ours(&self) -> impl Iterator<Item = (&ServerBlock, &EtcdBlock)> {
        self.corefile.etcd_blocks().filter(|(_, block)| self.is_ours(block))
    }

    fn is_ours(&self, block: &EtcdBlock) -> bool {
        block.path.0 == self.block.path.0 && block.endpoints.0 == self.block.endpoints.0
    }

    /// Returns the server block that is asked for a name, among those on a port of this session's.
    fn route(&self, name: &Name) -> Option<&ServerBlock> {
        let on_port =
            |port: u16| self.ours().any(|(server, _)| server.keys.iter().any(|(_, of)| *of == port));
        let labels = |server: &ServerBlock| {
            let fits = |(key, port): &&(Name, u16)| on_port(*port) && covers(key, name);
            server.keys.iter().filter(fits).map(|(key, _)| key.labels().len()).max()
        };
        let is_ours = |server: &ServerBlock| server.etcd.as_ref().is_some_and(|block| self.is_ours(block));
        self.corefile
            .servers
            .iter()
            .filter_map(|server| Some(((labels(server)?, is_ours(server)), server)))
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, server)| server)
    }

    /// Tells whether anything else can answer a question that this server block's etcd plugin does not answer.
    fn behind(&self, server: Option<&ServerBlock>) -> OtherPlugins {
        let elsewhere = self.corefile.incomplete
            || self
                .corefile
                .servers
                .iter()
                .any(|other| other.etcd.as_ref().is_none_or(|block| !self.is_ours(block)));
        match server {
            Some(server) if !elsewhere => match server.behind {
                OtherPlugins::Nothing if server.keys.iter().any(|(key, _)| key.is_root()) => {
                    OtherPlugins::Nobody
                }
                OtherPlugins::Nothing | OtherPlugins::Nobody | OtherPlugins::Something => server.behind,
            },
            _ => OtherPlugins::Something,
        }
    }
}

fn with_options(block: &EtcdBlock, serving: Serving) -> Serving {
    Serving {
        fallthrough: block.fallthrough.clone(),
        lease_ttl: block.lease_ttl,
        no_apex_fallback: block.no_apex_fallback,
        ..serving
    }
}

/// Tells whether a name is a zone or lies below it.
fn covers(zone: &Name, name: &Name) -> bool {
    zone.labels().len() <= name.labels().len()
        && zone.labels().rev().eq(name.labels().rev().take(zone.labels().len()))
}
