"""Great Expectations' Data Docs of a day: what was expected, of what, and how it held. For developers.

Officers read our own report; these pages are English and show the library's own, capped lists.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from rdchem.quality.suites import expectations


def write(frames: Mapping[str, pd.DataFrame], day: date, folder: Path) -> Path:
    """Write the pages under `folder` and return the first one. Tables without rows have no page."""
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_or_update_pandas("facts")
    for table, frame in frames.items():
        asked = [one for one in expectations(day) if one.table == table]
        if frame.empty or not asked:
            continue
        suite = gx.ExpectationSuite(name=table)
        for one in asked:
            one.test.notes = one.message
            suite.expectations.append(one.test)
        suite = context.suites.add_or_update(suite)
        whole = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("day")
        definition = gx.ValidationDefinition(name=table, data=whole, suite=suite)
        context.validation_definitions.add_or_update(definition).run(batch_parameters={"dataframe": frame})
    [pages] = context.build_data_docs().values()
    return Path(str(pages).removeprefix("file://"))
