//! Merging visit numbers: a set of pairs gives the same visits as the pairs one by one.

use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::store::Migrator;

fn id(text: &str) -> SpellId {
    SpellId::new(text)
}

fn pairs(all: &[(&str, &str)]) -> Vec<(SpellId, SpellId)> {
    all.iter().map(|(former, number)| (id(former), id(number))).collect()
}

async fn merge(store: &Store, pairs: Vec<(SpellId, SpellId)>) {
    store.write(async move |tx| merge_numbers(&tx, &pairs).await).await.unwrap();
}

async fn visits(store: &Store) -> BTreeMap<SpellId, BTreeSet<SpellId>> {
    let numbers = ["a", "b", "c", "d", "e", "f"].map(id);
    find_by_numbers(store.read(), &BTreeSet::from(numbers)).await.unwrap()
}

#[tokio::test]
async fn pairs_in_one_batch_give_the_same_visits_as_pairs_one_by_one() {
    let folder = Folder::new("visit-numbers").unwrap();
    let open = |name: &str| {
        let file = folder.path().join(name);
        async move { Store::open::<Migrator>(&file, "virtual-ward", Durability::Rebuildable).await.unwrap() }
    };
    let batches = [
        pairs(&[("a", "b"), ("b", "c"), ("d", "e")]),
        pairs(&[("a", "a"), ("c", "a"), ("e", "a"), ("f", "d")]),
        pairs(&[("f", "f"), ("b", "f")]),
    ];
    let (together, single) = (open("together.db").await, open("single.db").await);
    for batch in batches {
        merge(&together, batch.clone()).await;
        for pair in batch {
            merge(&single, vec![pair]).await;
        }
        assert_eq!(visits(&together).await, visits(&single).await);
    }
    let last = visits(&together).await;
    assert_eq!(last.values().map(BTreeSet::len).collect::<Vec<_>>(), [6], "every number names one visit");
}
