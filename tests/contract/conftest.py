"""The contract's own assertions explain themselves, as those in test files do."""

import pytest

pytest.register_assert_rewrite("tests.contract.bench", "tests.contract.telephony_contract")
