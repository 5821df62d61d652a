//! Answers the questions of a plan: all of a round together, in bulk where the API allows it.
//!
//! Owns the order (configurations before what needs them) and de-duplication. Sees no graph and decides nothing.

use std::collections::BTreeMap;

use futures_util::future::join;
use futures_util::future::join_all;

use crate::api::Stop;
use crate::plan::Answers;
use crate::plan::Query;
use crate::plan::QueryKey;
use crate::provider::Providers;

/// Answers all queries of a round. Every query gets an answer, if only a failed one.
pub async fn answer(queries: Vec<Query>, providers: &Providers, stop: &Stop) -> Answers {
    let unique: BTreeMap<QueryKey, Query> = queries.into_iter().map(|query| (query.key(), query)).collect();
    let (configure, others): (Vec<_>, Vec<_>) =
        unique.into_values().partition(|query| matches!(query, Query::Configure { .. }));
    let (objects, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|query| matches!(query, Query::Refresh { .. } | Query::Import { .. }));
    let mut answers = Answers::new();
    let one = |query: Query| async move { (query.key(), providers.answer(&query, stop).await) };
    for (key, answer) in join_all(configure.into_iter().map(one)).await {
        answers.insert(key, answer);
    }
    let (objects, others) =
        join(providers.refresh(objects, stop), join_all(others.into_iter().map(one))).await;
    for (key, answer) in objects.into_iter().chain(others) {
        answers.insert(key, answer);
    }
    answers
}
