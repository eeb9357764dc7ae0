"""Claims as rows of a spreadsheet, out and in: published words leave, drafts for review come in.

Read in this order: ``cells`` (what stands in a cell; pure), ``formats`` (CSV and XLSX, and what is
refused of an upload), ``resources`` (rows and claims). The pages are in ``kb.admin.bulk``.
"""
