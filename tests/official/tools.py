"""The 24 tools by their names, with small schemas."""

from play import Json

_READING = {
    "atlassianUserInfo": (),
    "getAccessibleAtlassianResources": (),
    "lookupJiraAccountId": ("cloudId", "searchString"),
    "getConfluenceSpaces": ("cloudId",),
    "getConfluencePage": ("cloudId", "pageId"),
    "getPagesInConfluenceSpace": ("cloudId", "spaceId"),
    "getConfluencePageFooterComments": ("cloudId", "pageId"),
    "getConfluencePageInlineComments": ("cloudId", "pageId"),
    "getConfluencePageDescendants": ("cloudId", "pageId"),
    "searchConfluenceUsingCql": ("cloudId", "cql"),
    "getJiraIssue": ("cloudId", "issueIdOrKey"),
    "getTransitionsForJiraIssue": ("cloudId", "issueIdOrKey"),
    "searchJiraIssuesUsingJql": ("cloudId", "jql"),
    "getJiraIssueRemoteIssueLinks": ("cloudId", "issueIdOrKey"),
    "getVisibleJiraProjects": ("cloudId",),
    "getJiraProjectIssueTypesMetadata": ("cloudId", "projectIdOrKey"),
}
_WRITING = {
    "createConfluencePage": ("cloudId", "spaceId", "body"),
    "updateConfluencePage": ("cloudId", "pageId", "body"),
    "createConfluenceFooterComment": ("cloudId", "body"),
    "createConfluenceInlineComment": ("cloudId", "body"),
    "editJiraIssue": ("cloudId", "issueIdOrKey", "fields"),
    "createJiraIssue": ("cloudId", "projectKey", "issueTypeName", "summary"),
    "transitionJiraIssue": ("cloudId", "issueIdOrKey", "transition"),
    "addCommentToJiraIssue": ("cloudId", "issueIdOrKey", "commentBody"),
}


def _tool(name: str, required: tuple[str, ...], *, reads: bool) -> Json:
    properties = {field: {"type": "string"} for field in required}
    return {
        "name": name,
        "description": f"{name} of the site",
        "inputSchema": {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        },
        "annotations": {"readOnlyHint": reads, "destructiveHint": not reads},
    }


TOOLS: list[Json] = [
    *(_tool(name, required, reads=True) for name, required in _READING.items()),
    *(_tool(name, required, reads=False) for name, required in _WRITING.items()),
]
