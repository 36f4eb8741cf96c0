"""The form on a shared device in Firefox, which puts back what was chosen where Chromium does not."""

import pytest

from e2e.firefox import Firefox

CHOSEN = "document.querySelectorAll('input[type=radio]:checked').length"
CHOOSE = """(() => {
  const names = new Set([...document.querySelectorAll('input[type=radio]')].map((i) => i.name));
  for (const name of names) document.querySelector(`input[name="${name}"]`).click();
  return document.querySelectorAll('input[type=radio]:checked').length;
})()"""
READY = "document.readyState === 'complete' && document.querySelectorAll('input[type=radio]').length > 0"


@pytest.fixture
def firefox(tmp_path):
    browser = Firefox(tmp_path)
    yield browser
    browser.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_in_firefox_whoever_comes_next_sees_an_empty_form(firefox, site, forms, scripts):
    if not scripts:  # those of the page alone: ours here still run
        firefox.run("Marionette:SetContext", value="chrome")
        firefox.evaluate("Services.prefs.setBoolPref('javascript.enabled', false)")
        firefox.run("Marionette:SetContext", value="content")
    address = site + forms["link"]
    firefox.go(address)
    assert firefox.wait_for(CHOOSE) > 5
    firefox.run("WebDriver:Refresh")
    firefox.wait_for(READY)
    assert firefox.evaluate(CHOSEN) == 0
    assert firefox.wait_for(CHOOSE) > 5
    firefox.go(f"{site}/methodology/")
    firefox.run("WebDriver:Back")
    firefox.wait_for(READY)
    assert firefox.evaluate(CHOSEN) == 0
    assert firefox.wait_for(CHOOSE) > 5
    firefox.evaluate("document.querySelector('[type=submit]').click()")
    firefox.wait_for("!!document.querySelector('.receipt')")
    firefox.run("WebDriver:Back")
    firefox.wait_for("document.readyState === 'complete' && !document.querySelector('.receipt')")
    assert firefox.evaluate(CHOSEN) == 0
