"""Long care: chronic disease, the elderly, children, pregnancy (R-63 to R-68).

`plans` says when somebody is due, `rules` what findings mean, `sheets` what the national forms
ask, `verbs` changes files and dates, `lists` finds who is due.
"""
