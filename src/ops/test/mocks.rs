//! What a test puts in place of providers, objects and modules, evaluated for one run.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::addr::Target;
use crate::config::MockProvider;
use crate::config::MockedProvider;
use crate::config::Mocks;
use crate::config::Override;
use crate::config::Standin;
use crate::config::TestRun;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::course::Course;

impl Course<'_> {
    /// Evaluates what stands in for something in a run: that of the run comes before that of the file.
    pub(super) fn mocks(
        &self,
        run: &TestRun,
        mocked: &BTreeMap<ProviderAddr, &MockProvider>,
        variables: &BTreeMap<Name, Value>,
    ) -> Result<Mocks, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut mocks = Mocks::default();
        for (addr, mock) in mocked {
            let provider = self.provider(mock, variables, &mut found);
            mocks.providers.insert(addr.clone(), provider);
        }
        mocks.overrides = self.overrides(&run.overrides, None, variables, &mut found);
        for (target, standin) in self.overrides(&self.file.overrides, None, variables, &mut found) {
            if !mocks.overrides.iter().any(|(known, _)| *known == target) {
                mocks.overrides.push((target, standin));
            }
        }
        if found.is_empty() { Ok(mocks) } else { Err(found) }
    }

    fn provider(
        &self,
        mock: &MockProvider,
        variables: &BTreeMap<Name, Value>,
        found: &mut Diagnostics,
    ) -> MockedProvider {
        let otherwise = Standin {
            values: BTreeMap::new(),
            while_planning: mock.while_planning.unwrap_or(false),
            is_override: false,
            span: mock.header,
        };
        let mut types = BTreeMap::new();
        for of in &mock.types {
            let key = (of.mode, Arc::clone(&of.kind.value));
            let standin = Standin {
                values: self.standing_in(of.defaults.as_ref(), "`defaults`", variables, found),
                while_planning: of.while_planning.unwrap_or(otherwise.while_planning),
                is_override: false,
                span: place(of.defaults.as_ref(), of.header),
            };
            types.entry(key).or_insert(standin);
        }
        let overrides = self.overrides(&mock.overrides, mock.while_planning, variables, found);
        MockedProvider { types, overrides, otherwise }
    }

    fn overrides(
        &self,
        declared: &[Override],
        while_planning: Option<bool>,
        variables: &BTreeMap<Name, Value>,
        found: &mut Diagnostics,
    ) -> Vec<(Target, Standin)> {
        let one = |of: &Override| {
            let what = if matches!(of.target.value, Target::Module(_)) { "`outputs`" } else { "`values`" };
            let standin = Standin {
                values: self.standing_in(of.values.as_ref(), what, variables, found),
                while_planning: of.while_planning.or(while_planning).unwrap_or(false),
                is_override: true,
                span: place(of.values.as_ref(), of.header),
            };
            (of.target.value.clone(), standin)
        };
        declared.iter().map(one).collect()
    }

    fn standing_in(
        &self,
        expr: Option<&Expr>,
        what: &str,
        variables: &BTreeMap<Name, Value>,
        found: &mut Diagnostics,
    ) -> BTreeMap<Name, Value> {
        let Some(expr) = expr else { return BTreeMap::new() };
        match self.value(expr, variables, &self.outputs) {
            Ok(value) => match value.fields() {
                Some(fields) => {
                    return fields.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect();
                }
                None => found.push(
                    Diagnostic::error(Code::UnsuitableValue, format!("{what} must be an object"))
                        .at(expr.span, format!("this is {}", value.ty().friendly_name()))
                        .hint(format!("write `{} = {{ … }}`", what.trim_matches('`'))),
                ),
            },
            Err(failed) => found.extend(failed),
        }
        BTreeMap::new()
    }
}

fn place(expr: Option<&Expr>, header: Span) -> Span {
    expr.map_or(header, |expr| expr.span)
}
